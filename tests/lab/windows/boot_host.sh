#!/bin/bash
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Keeps one Windows computer switched on. Started as root in namespaces of its own:
#   nsenter --net=/run/netns/NAME unshare --mount --uts --propagation=private boot_host.sh NAME HOST_FOLDER CGROUP
# with the environment of Wine. It writes HOST_FOLDER/pid first, and HOST_FOLDER/booted when services were started.
set -euo pipefail
name=$1 folder=$2 cgroup=$3

echo $$ > "$cgroup/cgroup.procs"
echo $$ > "$folder/pid"
hostname "$name"
mount --bind "$folder/passwd" /etc/passwd
mount --bind "$folder/hosts" /etc/hosts
mount -t tmpfs tmpfs /tmp # where wineserver has its socket

wineserver --foreground --persistent &
until compgen -G '/tmp/*wine-*/server-*/socket' > /dev/null; do sleep 0.02; done
/usr/lib/wine/wine64 wineboot < /dev/null > /dev/null 2>&1
touch "$folder/booted"
wait
