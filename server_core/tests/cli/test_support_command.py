# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl support-bundle``: with a server that runs, and without."""

import json
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from server_core.tests.cli.helpers import answered, refused
from server_core.tests.helpers import KEY
from server_core.tests.portable import mode_bits, posix_only
from server_core.tests.processes import command, server_process
from server_core.tests.running import ServerThread

MARK = "Ki9-marked-secret"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bundle.zip"


def bundle(server: ServerThread, file: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    words = ["licctl", "--json", "--ini", server.ini, "--state", server.state, "support-bundle", file]
    return command(*words, **environment)


def content(file: Path) -> dict[str, str]:
    with zipfile.ZipFile(file) as packed:
        return {name.partition("/")[2]: packed.read(name).decode() for name in packed.namelist()}


def test_it_is_that_of_the_server_that_runs(server: ServerThread, file: Path) -> None:
    assert answered(bundle(server, file)) == {"changed": True, "path": str(file)}

    assert json.loads(content(file)["server.json"])["keys"][0]["key_number"] == KEY


@mode_bits
def test_nobody_else_reads_it_and_no_file_is_overwritten(server: ServerThread, file: Path) -> None:
    bundle(server, file)
    before = file.read_bytes()

    assert refused(bundle(server, file))["code"] == "file_exists"
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (before, 0o600)


def test_of_a_server_that_does_not_run_it_is_what_its_files_say(server: ServerThread, file: Path) -> None:
    server.stop()
    server.ini.write_text("port=x\n")
    answered(bundle(server, file))
    found = content(file)
    told = json.loads(found["server.json"])

    assert "is not running" in told["problem"]
    assert "port=x" in told["settings"]["problem"]
    assert json.loads(found["events.json"])[-1]["kind"] == "server_stopped"
    assert "leases.sqlite" in {one["name"] for one in json.loads(found["files.json"])}


def test_where_no_server_ever_ran_it_says_so(tmp_path: Path, file: Path) -> None:
    places = ["--ini", tmp_path / "none.ini", "--state", tmp_path / "none"]
    answered(command("licctl", "--json", *places, "support-bundle", file))

    assert "no server has run here yet" in json.loads(content(file)["events.json"])["problem"]


@posix_only("there is no journal")
def test_the_journal_comes_along_without_secrets(server: ServerThread, file: Path, tmp_path: Path) -> None:
    journalctl = tmp_path / "bin" / "journalctl"
    journalctl.parent.mkdir()
    journalctl.write_text(f"#!/bin/sh\necho the server failed, password={MARK}\n")
    journalctl.chmod(0o755)
    answered(bundle(server, file, PATH=f"{journalctl.parent}{os.pathsep}{os.environ['PATH']}"))

    assert content(file)["journal.txt"] == "the server failed, password=[left out]\n"


def test_what_the_process_wrote_into_its_log_is_in_it_wherever_the_log_goes(tmp_path: Path, file: Path) -> None:
    with server_process(tmp_path) as server:
        server.start()
        places = ["--ini", server.ini, "--state", server.state]
        answered(command("licctl", "--json", *places, "support-bundle", file))

    assert f"listens on {server.address}" in content(file)["licserver.log"]
