#!/bin/bash
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs the Python of the image on a computer that exists for this run only, alone on a network. Started as root in
# namespaces of its own:
#   unshare --mount --net --pid --fork --kill-child --mount-proc --propagation=private \
#     run_python.sh IMAGE PACKAGES PROJECT RESULTS WORD…
# with the environment of Wine for the prefix /mnt/prefix. PACKAGES lies over the image's disk, server_core,
# docs and pyproject.toml of PROJECT in C:\project, where nothing can change them, and RESULTS is C:\results.
set -euo pipefail
image=$1 packages=$2 project=$3 results=$4
shift 4

mount --bind "$image/passwd" /etc/passwd
mount -t tmpfs tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/prefix
mount -t overlay overlay -o "lowerdir=$packages:$image/prefix,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/prefix
drive=/mnt/prefix/drive_c
mkdir -p "$drive"/project/{server_core,docs} "$drive/results"
cp "$project/pyproject.toml" "$drive/project"
mount --bind -o ro "$project/server_core" "$drive/project/server_core"
mount --bind -o ro "$project/docs" "$drive/project/docs"
mount --bind "$results" "$drive/results"
mount --bind /dev/null /etc/resolv.conf # a name server that is not there is not waited for
mount -t tmpfs tmpfs /tmp # where wineserver has its socket

ip -batch - << 'END'
link set lo up
link add eth0 type veth peer name other
link set eth0 up
link set other up
address add 10.78.1.2/24 broadcast + dev eth0
route add default via 10.78.1.1
END
cd "$drive/project"
exec /usr/lib/wine/wine64 'C:\Py311\python.exe' "$@"
