# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The licensing system: license server, activation center, protection component and their command lines."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("protect-licensing")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0.0.0"
