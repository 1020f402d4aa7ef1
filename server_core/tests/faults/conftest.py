# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the tests that interrupt activations."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from licserver.system import this_system
from server_core.tests.faults.site import RealCenter, real_center
from server_core.tests.helpers import Computer


@pytest.fixture
def center(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, computer: Computer) -> Iterator[RealCenter]:
    """A center, and a computer whose facts do not change."""
    monkeypatch.setattr(type(this_system()), "fact_reader", lambda _: computer)
    with real_center(tmp_path / "center") as made:
        yield made
