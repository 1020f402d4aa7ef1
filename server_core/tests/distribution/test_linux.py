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
PLACES = Places(this_system().install_path, this_system().ini_path, this_system().state_path)


def test_the_unit_comes_from_the_template_of_the_role_byte_for_byte() -> None:
    template = Path(installed_on.__file__).with_name("systemd.j2")

    assert template.read_bytes() == (ROOT / "roles/payload/templates/systemd.j2").read_bytes()


def test_the_unit_runs_the_server_under_its_own_account() -> None:
    text = unit_text(PLACES, low_port=False)

    command = (
        "/opt/protect/licserver/current/bin/licserver run --ini /etc/protect/licserver.ini --state /var/lib/protect"
    )
    assert f"ExecStart={command}\n" in text
    assert "User=protect\nGroup=protect\n" in text
    assert "CapabilityBoundingSet=\n" in text
    assert "ProtectHome=true\n" in text


def test_a_server_that_lies_in_a_home_folder_may_read_it() -> None:
    places = Places(PLACES.install, PLACES.ini, Path("/home/protect/state"))

    assert "ProtectHome=read-only\n" in unit_text(places, low_port=False)


def test_a_port_below_1024_is_allowed_where_it_is_set() -> None:
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" in unit_text(PLACES, low_port=True)


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
