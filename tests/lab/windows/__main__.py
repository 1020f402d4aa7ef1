# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows hosts to test on: see `python -m tests.lab.windows --help`."""

import sys

from .cli import main

sys.exit(main())
