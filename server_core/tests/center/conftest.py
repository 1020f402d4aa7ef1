# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the center's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from licserver.center.foundation import initialize, open_center
from licserver.center.settings import Settings
from server_core.tests.center.helpers import NOW, URL, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A new center on a real SQLite file."""
    directory = tmp_path / "center"
    initialize(directory, Settings(name="Vendor", url=URL), None, now=NOW)
    with open_center(directory) as center:
        yield Office(directory, center)
