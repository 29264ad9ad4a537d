// SPDX-License-Identifier: Apache-2.0
/* slicewise-replay on an emulated GPU: for its tests. */
#include "replay_serve.h"

int main(int argc, char **argv)
{
	return replay_serve(argc, argv);
}
