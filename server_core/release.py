# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The version that the built payload gets.

PROTECT_LICENSING_VERSION overrides it, so that an upgrade can be tested with an older and a newer
payload made from one source. The running payload asks its own installed metadata for its version.
"""

import os

RELEASE = "0.1.0"
__version__ = os.environ.get("PROTECT_LICENSING_VERSION", RELEASE)
