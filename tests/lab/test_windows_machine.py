# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that Wine does not start at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab.windows import hosts
from tests.lab.windows.plan import computers
from tests.lab.windows.wine_machine import WineMachine

REFUSED = (
    """echo "Can't recognize 'licctl' as an internal or external command, or batch script" >&2; exit $((9009 & 255))"""
)


def run_script(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, bytes, bytes]:
    (computer,) = computers(1)
    monkeypatch.setattr(hosts, "command_inside", lambda *_: ["bash", "-c", f"cd {folder}; echo run >> runs; {script}"])
    return WineMachine(computer).run(["cmd", "/c", "licctl"], folder, {}, b"")


def test_a_program_that_wine_failed_to_start_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = f"if [ $(wc -l < runs) = 1 ]; then {REFUSED}; fi; echo done"

    assert run_script(script, tmp_path, monkeypatch) == (0, b"done\n", b"")


def test_a_program_that_is_not_there_is_missed_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, complaint = run_script(REFUSED, tmp_path, monkeypatch)

    assert code == 49
    assert complaint.startswith(b"Can't recognize 'licctl'")


def test_a_program_that_ran_and_failed_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, _ = run_script("exit 49", tmp_path, monkeypatch)

    assert code == 49
    assert (tmp_path / "runs").read_text(encoding="ascii") == "run\n"
