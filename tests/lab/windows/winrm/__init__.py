# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""WinRM: HTTP, authentication and message encryption, WS-Management, shells, and what Ansible sends through them."""
