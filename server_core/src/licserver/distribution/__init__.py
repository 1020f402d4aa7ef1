# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's distribution: one archive, saved from a computer that has the server and installed on another.

docs/specification.md, section 3, and section 8 for its two commands. All that is needed is in it, so that no internet
is. On Linux it holds wheels, the payload's and those of its libraries, and serves the roles of the collection as a
wheelhouse too; on Windows it holds a release as it lies on the disk, with its own Python.

What prepares an installation runs from the archive itself, before any library is there: standard library only.
"""

from licserver.errors import LicensingError


class DistributionError(LicensingError):
    """A distribution that cannot be saved, read or installed."""
