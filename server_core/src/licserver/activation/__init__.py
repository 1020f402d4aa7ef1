# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation of software keys: requests and answers, without I/O. docs/specification.md, section 5."""

from licserver.errors import LicensingError


class ActivationError(LicensingError):
    """An activation that was refused or could not finish."""
