// SPDX-License-Identifier: Apache-2.0
#include "plan/cbc_turn.h"

#include <pthread.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

void sw__cbc_enter(void)
{
	(void)pthread_mutex_lock(&turn);
}

void sw__cbc_leave(void)
{
	(void)pthread_mutex_unlock(&turn);
}
