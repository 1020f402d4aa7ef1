# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running license server: a thin shell around the floors below. docs/specification.md, section 3."""
