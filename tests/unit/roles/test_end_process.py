# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ends a service that no supervisor runs any more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[3] / "roles" / "payload" / "files" / "end_process.py"


def end(number: int) -> int:
    return subprocess.run([sys.executable, PROGRAM, str(number)], timeout=30, check=False).returncode


def test_returns_when_the_process_has_ended() -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        assert end(process.pid) == 0
        assert process.poll() is not None


def test_a_process_that_is_gone_is_no_error() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert end(process.pid) == 0
