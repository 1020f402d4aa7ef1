# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What looks for secrets finds them where they were put."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from . import canary

SECRET = f"pin{canary.MARK}7"


def look(*words: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, canary.__file__, *map(str, words)]
    return subprocess.run(command, input=given, capture_output=True, timeout=30, check=False)


def test_a_secret_in_a_text_is_found() -> None:
    leak = f"a line\nthe PIN is {SECRET}\n".encode()

    looked = look("text", given=leak)

    assert (looked.returncode, SECRET.encode() in looked.stdout) == (1, True)


def test_a_text_without_secrets_passes() -> None:
    assert look("text", given=b"nothing\n").returncode == 0


@pytest.mark.parametrize(
    "leak",
    [
        SECRET.upper().encode(),
        SECRET.encode("utf-16-le"),
        *(base64.b64encode(b"x" * shift + SECRET.encode()) for shift in range(4)),
    ],
)
def test_a_secret_is_found_in_disguise(leak: bytes) -> None:
    assert canary.is_in(b"before " + leak + b" after")


def test_a_secret_in_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "clean").write_text("nothing")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "log").write_text(SECRET)
    (tmp_path / f"{SECRET}.txt").touch()

    looked = look("files", tmp_path / "clean", tmp_path)

    assert looked.returncode == 1
    assert sorted(looked.stdout.decode().split()) == sorted([f"{tmp_path}/deep/log", f"{tmp_path}/{SECRET}.txt"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look as somebody else")
def test_a_secret_that_others_may_not_read_is_none() -> None:
    as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3"]
    script = Path(canary.__file__).read_bytes()
    with tempfile.TemporaryDirectory() as folder:  # beyond the folders of pytest, which nobody else may enter
        os.chmod(folder, 0o755)
        for name, mode in (("own", 0o600), ("open", 0o644)):
            (Path(folder) / name).write_text(SECRET)
            (Path(folder) / name).chmod(mode)
        command = [*as_nobody, "-", "files", canary.__file__, folder]
        looked = subprocess.run(command, input=script, capture_output=True, timeout=30, check=False)

        assert looked.stdout.decode().split() == [f"{folder}/open"]


def test_what_is_older_than_the_scenario_is_none_of_it(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(SECRET)

    assert list(canary.marked_files([str(tmp_path)], time.time() + 60)) == []


def test_a_secret_in_a_command_line_is_found(tmp_path: Path) -> None:
    end = tmp_path / "end"
    end.touch()
    with subprocess.Popen([sys.executable, "-c", "input()", SECRET], stdin=subprocess.PIPE) as leak:
        looked = look("processes", end)
        leak.kill()

    assert (looked.returncode, SECRET.encode() in looked.stdout) == (1, True)
