# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saving the distribution of a release; the texts in it; and how an installation begins from it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path, PureWindowsPath

import pytest

from licserver.distribution import DistributionError
from licserver.distribution.archive import Description, unpacked
from licserver.distribution.places import Places
from licserver.distribution.save import release_files, save
from licserver.distribution.texts import LINUX_INSTALLER, first_ini, licctl_command, readme, service_command
from licserver.distribution.wheels import pack_wheels
from licserver.settings import read_settings
from server_core.tests.distribution.helpers import install_by_hand
from server_core.tests.portable import posix_only

LINUX = Description("1.2.3", "linux", "3.11", "x86_64")
WINDOWS = Description("1.2.3", "win32", "3.12", "AMD64")
PAYLOAD = Path(__file__).parents[2] / "src" / "licserver"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The libraries of the release that is saved."""
    folder = tmp_path / "site"
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(folder))
    monkeypatch.setattr("licserver.distribution.save.sys.platform", "linux")
    return folder


def test_a_distribution_holds_the_wheels_a_readme_and_what_begins_an_installation(tmp_path: Path, site: Path) -> None:
    for name in ("protect_licensing", "pip", "library"):
        install_by_hand(site, name)

    save(tmp_path / "server.tar.gz")

    with unpacked(tmp_path / "server.tar.gz") as (folder, _):
        names = {path.name for path in folder.iterdir()}
    wheels = {f"{name}-1.0-py2.py3-none-any.whl" for name in ("protect_licensing", "pip", "library")}
    assert names == {*wheels, "README.txt", "install.sh", "SHA256SUMS", "distribution.json"}


@pytest.mark.parametrize("missing", ["protect_licensing", "pip"])
def test_a_release_without_what_an_installation_needs_is_refused(tmp_path: Path, site: Path, missing: str) -> None:
    for name in {"protect_licensing", "pip"} - {missing}:
        install_by_hand(site, name)

    with pytest.raises(DistributionError, match=f"this release has no {missing}"):
        save(tmp_path / "server.tar.gz")
    assert not (tmp_path / "server.tar.gz").exists()


def test_a_release_of_windows_is_taken_as_it_lies_but_for_what_is_made_there(tmp_path: Path) -> None:
    for name in ("python.exe", "Lib/site-packages/x.py", "Lib/__pycache__/x.pyc", ".complete"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert [name for name, _ in release_files(tmp_path)] == ["Lib/site-packages/x.py", "python.exe"]


@pytest.mark.parametrize(
    ("description", "command"), [(LINUX, "sudo sh install.sh"), (WINDOWS, "install.cmd")], ids=["linux", "windows"]
)
def test_the_readme_says_in_both_languages_what_to_run(description: Description, command: str) -> None:
    text = readme(description)

    assert text.count(command) == 2
    assert "License server 1.2.3" in text
    assert "Сервер лицензирования 1.2.3" in text
    assert ("\r\n" in text) is (description.system == "win32")


@pytest.mark.parametrize("local", [True, False])
def test_the_first_ini_is_a_valid_one(tmp_path: Path, local: bool) -> None:
    (tmp_path / "licserver.ini").write_text(first_ini(local=local))

    settings = read_settings(tmp_path / "licserver.ini")
    assert (settings.port, settings.web_port, settings.local) == (15200, 15201, local)


@posix_only("it begins with a script of its own there")
def test_an_installation_begins_from_wheels_that_are_not_installed(tmp_path: Path) -> None:
    folder = tmp_path / "with a space"
    folder.mkdir()
    with zipfile.ZipFile(folder / "protect_licensing-1-py3-none-any.whl", "w") as wheel:
        for path in PAYLOAD.rglob("*.py"):
            wheel.write(path, path.relative_to(PAYLOAD.parent))
        wheel.writestr(
            "protect_licensing-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: protect-licensing\nVersion: 1\n"
        )
    (folder / "install.sh").write_text(LINUX_INSTALLER)
    (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')  # without any library
    (folder / "python").chmod(0o755)

    done = subprocess.run(
        ["sh", folder / "install.sh", "--json", "--help"],
        cwd="/",
        env={**os.environ, "PYTHON": str(folder / "python")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "--network" in done.stdout, done
    assert pack_wheels([], tmp_path) == []


def test_the_commands_of_windows_are_those_of_the_role() -> None:
    places = Places(
        *map(
            PureWindowsPath,
            (
                r"C:\Program Files\ProtectStorage",
                r"D:\settings\licserver.ini",
                r"C:\ProgramData\Protect\LicServer",
            ),
        )
    )
    known = {"PROGRAMFILES": r"C:\Program Files", "PROGRAMDATA": r"C:\ProgramData"}
    options = r'--ini "D:\settings\licserver.ini" --state "%ProgramData%\Protect\LicServer"'

    python = r'"%ProgramFiles%\ProtectStorage\releases\1.2.3\python.exe"'
    assert service_command(places, "1.2.3", known) == f"{python} -X utf8 -m licserver.service.windows {options}"
    python = r'@"%~dp0releases\1.2.3\python.exe"'
    assert licctl_command(places, "1.2.3", known) == f"{python} -X utf8 -m licserver.cli.licctl {options} %*"
