# SPDX-License-Identifier: Apache-2.0
# Completion for bash: the program knows its own options and values.
_slicewise()
{
	COMPREPLY=()
	mapfile -t COMPREPLY < <(slicewise --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _slicewise slicewise
