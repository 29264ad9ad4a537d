#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An nvidia-smi for one GPU of an old driver: clocks_event_reasons has another name there.
case "$*" in
*clocks_event_reasons*) echo "Field is not a valid field to query." && exit 2 ;;
*compute-apps*) [ -z "${FAKE_OTHERS:-}" ] || echo "77, $FAKE_OTHERS" ;;
*clocks.sm*) echo "1755, 401.5, 0x0000000000000004" ;;
*name,driver*) echo "${FAKE_NAME:-NVIDIA H100 80GB HBM3}, 525.60.13, GPU-0" ;;
esac
