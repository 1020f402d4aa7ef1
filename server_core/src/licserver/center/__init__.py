# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activation center, the vendor's side: it knows products, keys and PINs, and answers activation requests.

docs/specification.md, sections 2 and 5. From the bottom up:

- ``answering``, ``packs``, ``clones``: the decisions, without I/O;
- ``schema``, ``database``, ``registry``, ``pack_registry``, ``customers``, ``catalog``: what is stored, in SQLite or
  PostgreSQL;
- ``settings``, ``certificates``, ``authority``: who this center is and the secrets that make it so;
- ``foundation``: a center made or opened;
- ``issuing``: one request in, one answer out;
- ``staff``: who may sign in;
- ``app``, ``serving``: all of it over HTTPS, for license servers and for people.
"""

from licserver.errors import LicensingError


class CenterError(LicensingError):
    """What the activation center refuses, or cannot do."""
