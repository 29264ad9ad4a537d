// SPDX-License-Identifier: Apache-2.0
#include "profile/backend.h"
const struct sw__backend_ops sw__backend_replay = {0};
