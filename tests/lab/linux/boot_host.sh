#!/bin/bash
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# Keeps one host running. Started as root in a mount namespace of its own:
#   unshare --mount --propagation private boot_host.sh NAME IMAGE_ROOT HOST_FOLDER CGROUP
set -euo pipefail
name=$1 image=$2 folder=$3 cgroup=$4

# Before anything else, so that ending the group ends all of the host; and pure version 2 groups, for systemd inside.
echo $$ > "$cgroup/cgroup.procs"
umount --recursive /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t overlay overlay -o "lowerdir=$image,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"

rebooted=133
while
  status=0
  SYSTEMD_NSPAWN_API_VFS_WRITABLE=network systemd-nspawn --quiet --boot --directory="$folder/root" \
    --machine="$name" --hostname="$name" --register=no --keep-unit --network-namespace-path="/run/netns/$name" \
    --capability=CAP_NET_ADMIN --resolv-conf=off --timezone=off --link-journal=no --console=pipe || status=$?
  [ "$status" = "$rebooted" ]
do :; done
exit "$status"
