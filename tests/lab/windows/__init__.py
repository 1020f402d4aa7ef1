# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows hosts played on Linux: README.md tells what is real of them and what is played.

plan.py             names, addresses, identities and the inventory: pure functions
image.py python.py  the Windows image that all computers share, with a Windows Python: wine.py, image/
hosts.py            computers set up, switched on and off, taken away: boot_host.sh, enter_host.sh
programs/         small Windows programs in the place of those that a branch has
cli.py              the command `python -m tests.lab.windows`
endpoint.py         the process that listens: winrm/, certificates.py, ssh.py
ansible_scripts.py  what Ansible sends through WinRM and SSH
players/            modules played on a host: played_host.py, disk.py, command_lines.py
payload_tests.py    the payload's own tests under Windows Python: run_python.sh
wine_machine.py     Windows programs and interfaces for the players: agent/ runs inside Windows
"""
