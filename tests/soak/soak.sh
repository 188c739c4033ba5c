#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-only
#
# soak.c in every mode of this build, for SOAK_SECONDS in all (20).
# Exit status 0, or 1 when a mode loses anything.

program=${SOAK:-soak/soak}
seconds=${SOAK_SECONDS:-20}
status=0

for mode in plain poll fork threads; do
	"$program" $mode $((seconds / 4))
	case $? in
	0) ;;
	77) echo "not in this build: soak $mode" ;;
	*)
		echo "FAILED: soak $mode"
		status=1
		;;
	esac
done
exit $status
