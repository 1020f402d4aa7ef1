# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What measurements of the license server share: servers in processes of their own, and clients that cost little."""
