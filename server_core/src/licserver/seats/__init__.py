# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seats: who shares one, how a lease lives, and the book of all leases. No I/O but the ledger's own file.

docs/specification.md, section 3 "Leases", "Counters" and "Access codes".
"""

from licserver.errors import LicensingError


class SeatError(LicensingError):
    """A license that cannot be given, renewed or freed."""
