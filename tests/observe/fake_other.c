// SPDX-License-Identifier: Apache-2.0
/* A library that starts like NVML and is something else. */
int nvmlInit_v2(void);
int nvmlInit_v2(void)
{
	return 0;
}
