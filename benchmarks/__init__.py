# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast things are, each against a yardstick measured in the same run: `python -m benchmarks`.

Every module here whose name has no leading underscore holds one function `measure() -> list[Row]`.
"""
