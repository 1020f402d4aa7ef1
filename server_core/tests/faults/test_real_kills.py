# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real server process that is killed in the middle of an activation. Before every step: `make endurance`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server_core.tests.faults.processes import kill_real_server
from server_core.tests.faults.site import RealCenter, real_center


@pytest.fixture
def center(tmp_path: Path) -> Iterator[RealCenter]:
    with real_center(tmp_path / "center") as made:
        yield made


@pytest.mark.parametrize(("way", "at", "last"), [("key online", 0, 4), ("pack by file", 2, 3)])
def test_killed_the_same_command_finishes_it_for_one_pin(
    center: RealCenter, tmp_path: Path, way: str, at: int, last: int
) -> None:
    assert kill_real_server(center, tmp_path, way, at, last) == (True, [])
