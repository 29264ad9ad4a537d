#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An nvidia-cuda-mps-control that listens, knows a server once a client came, and quits.
pipe=$CUDA_MPS_PIPE_DIRECTORY
case ${1:-} in
-f)
	[ "${FAKE_MPS:-}" != refuses ] || { echo "Operation not permitted"; exit 1; }
	echo "start $$" >>"$FAKE_MPS_LOG"
	echo $$ >"$pipe/listens"
	# Its own group, so that whoever kills the group ends the sleep too.
	while [ -e "$pipe/listens" ]; do sleep 0.02; done
	;;
'')
	read -r word
	[ -e "$pipe/listens" ] || { echo "Cannot find MPS control daemon process"; exit 1; }
	case $word in
	get_server_list) [ "${FAKE_MPS:-}" = idle ] || [ ! -e "$pipe/served" ] || echo 4242 ;;
	quit)
		[ "${FAKE_MPS:-}" = deaf ] && exit 0
		echo quit >>"$FAKE_MPS_LOG"
		rm -f "$pipe/listens"
		;;
	esac
	;;
esac
