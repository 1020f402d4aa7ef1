# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A license server that is killed under load keeps every promise. The same at full scale: `make endurance`."""

from __future__ import annotations

from pathlib import Path

from tests.endurance.crashes import crash
from tests.endurance.holders import Held, most_at_once


def test_what_a_killed_server_granted_is_in_force_and_given_to_nobody_else(tmp_path: Path) -> None:
    report = crash(tmp_path, cycles=8)

    assert report.problems == []


def test_licenses_in_force_are_counted_by_when_they_overlap() -> None:
    held = [Held("a", 0.0, 2.0), Held("b", 1.0, 3.0), Held("c", 2.0, 4.0)]

    assert most_at_once(held) == 2
