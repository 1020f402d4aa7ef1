# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the server's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server_core.tests.server.helpers import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk without keys on a real ledger."""
    made = Office(tmp_path / "leases.sqlite")
    yield made
    made.ledger.close()
