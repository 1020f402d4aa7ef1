#!/bin/sh
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs a program of this machine, such as Wine, as a process of a computer that is on:
#   enter_host.sh HOST_FOLDER CGROUP WORKING_DIRECTORY COMMAND…
set -eu
read -r pid < "$1/pid"
echo $$ > "$2/cgroup.procs"
directory=$3
shift 3
exec nsenter --target "$pid" --mount --uts --net -- env --chdir="$directory" "$@"
