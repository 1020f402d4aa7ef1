# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's scenarios on real hosts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAST_LINES = 30
FAILURE = re.compile(r"^(fatal|failed|\[ERROR\]|ERROR!)")
BEFORE, AFTER, WIDTH = 3, 25, 1500  # lines around a failure that tell of it, and characters of one


@pytest.mark.skipif(os.geteuid() != 0, reason="hosts need namespaces and mounts: root only")
@pytest.mark.timeout(2400)
def test_every_molecule_scenario_passes() -> None:
    molecule("destroy", "--all")  # molecule remembers what a run that was cut short had created and prepared

    run = molecule("test", "--all")

    assert run.returncode == 0, "\n".join(what_failed(run.stdout.splitlines()))


def what_failed(lines: list[str]) -> list[str]:
    """The tasks that failed, with what they said, and the summary, out of thousands of lines."""
    told = {
        number
        for found, line in enumerate(lines)
        if FAILURE.match(line)
        for number in range(max(0, found - BEFORE), min(len(lines), found + AFTER))
    } | set(range(max(0, len(lines) - LAST_LINES), len(lines)))
    return [lines[number][:WIDTH] for number in sorted(told)]


def molecule(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it, with what it says: hundreds of lines, of which the last tell what failed."""
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    command = [programs / "molecule", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
