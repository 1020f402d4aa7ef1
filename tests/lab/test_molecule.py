# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's scenarios on real hosts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAST_LINES = 60


@pytest.mark.skipif(os.geteuid() != 0, reason="hosts need namespaces and mounts: root only")
@pytest.mark.timeout(2400)
def test_every_molecule_scenario_passes() -> None:
    molecule("destroy", "--all")  # molecule remembers what a run that was cut short had created and prepared

    run = molecule("test", "--all")

    assert run.returncode == 0, "\n".join(["the last that molecule said:", *run.stdout.splitlines()[-LAST_LINES:]])


def molecule(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it, with what it says: hundreds of lines, of which the last tell what failed."""
    programs = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    command = [programs / "molecule", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
