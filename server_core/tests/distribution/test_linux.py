# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installation on Linux has in common with the role ``license_server``."""

import os
from pathlib import Path

import pytest

from licserver.distribution import DistributionError
from licserver.distribution import linux as installed_on
from licserver.distribution.linux import LinuxHome, unit_text
from licserver.distribution.places import Places
from licserver.system import this_system

ROOT = Path(__file__).parents[3]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "licserver.ini").write_text("Local=0\n")
    return Places(this_system().install_path, tmp_path / "licserver.ini", this_system().state_path)


@pytest.mark.parametrize("name", ["systemd.j2", "socket.j2"])
def test_the_units_come_from_the_templates_of_the_role_byte_for_byte(name: str) -> None:
    template = Path(installed_on.__file__).with_name(name)

    assert template.read_bytes() == (ROOT / "roles/payload/templates" / name).read_bytes()


def test_the_unit_runs_the_server_under_its_own_account(places: Places) -> None:
    text = unit_text("systemd.j2", places)

    where = f"--ini {places.ini} --state /var/lib/protect"
    assert f"ExecStart=/opt/protect/licserver/current/bin/licserver run {where}\n" in text
    assert f"ExecReload=/opt/protect/licserver/current/bin/licctl {where} reload\n" in text
    assert "User=protect\nGroup=protect\n" in text
    assert "ProtectHome=true\n" in text


def test_a_server_that_lies_in_a_home_folder_may_read_it(places: Places) -> None:
    at_home = Places(places.install, places.ini, Path("/home/protect/state"))

    assert "ProtectHome=read-only\n" in unit_text("systemd.j2", at_home)


@pytest.mark.parametrize(
    ("ini", "streams"),
    [
        ("Local=0\n", ["15200", "15201"]),
        ("Local=1\nport=700\n", ["127.0.0.1:700", "127.0.0.1:15201"]),
        ("Local=0\nBindAddress=2001:db8::1\n", ["[2001:db8::1]:15200", "[2001:db8::1]:15201"]),
    ],
)
def test_the_ports_are_opened_where_the_ini_says(places: Places, ini: str, streams: list[str]) -> None:
    places.ini.write_text(ini)

    opened = [line for line in unit_text("socket.j2", places).splitlines() if line.startswith("ListenStream=")]
    assert opened == [f"ListenStream={stream}" for stream in streams]


def test_who_is_no_administrator_is_told_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(DistributionError, match="needs administrator rights") as refused:
        LinuxHome().refuse_unfit()
    assert "sudo" in refused.value.hint


def test_a_computer_without_systemd_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(installed_on, "_SYSTEMD", tmp_path / "none")

    with pytest.raises(DistributionError, match="systemd does not run this computer"):
        LinuxHome().refuse_unfit()
