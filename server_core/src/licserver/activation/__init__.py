# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation and update of keys: requests and answers, without I/O. docs/specification.md, sections 5 to 7."""

from licserver.errors import LicensingError


class ActivationError(LicensingError):
    """An activation that was refused or could not finish."""
