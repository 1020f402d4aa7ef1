# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet of Debian hosts with a real systemd each, on one machine.

Every host is a systemd-nspawn container over an overlay of one shared image, on the lab's network (../network.py). What
it needs comes from the control node.

    plan.py       names, addresses, groups and the inventory: pure functions
    image.py      the Debian image that all hosts share
    hosts.py      hosts brought up, looked at and brought down
    boot_host.sh  what keeps one host running
    cli.py        the command `tests/lab/fleet`
"""
