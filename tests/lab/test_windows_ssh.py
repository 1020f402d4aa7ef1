# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection over ssh with the shell type powershell, sent by the real programs `ansible` and `ssh` to a desk."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncssh
import pytest

from tests.lab.windows.by_hand import sent
from tests.lab.windows.endpoint import host_to_play
from tests.lab.windows.plan import PASSWORD, USER, Desk
from tests.lab.windows.played_host import PlayedHost
from tests.lab.windows.ssh import SshServers


@dataclass(frozen=True)
class Lab:
    """One desk that listens for ssh."""

    desk: PlayedHost
    folder: Path
    control: Path
    port: int

    def ansible(
        self, module: str, arguments: dict[str, object], *options: str, **variables: object
    ) -> dict[str, object]:
        """What a module answers."""
        chosen = {
            "ansible_connection": "ssh",
            "ansible_shell_type": "powershell",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.port,
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.folder / 'known_hosts'}",
            "ansible_control_path_dir": str(self.control),
            **variables,
        }
        return sent(self.folder, module, arguments, chosen, *options)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    desk = host_to_play(Desk(1), tmp_path)
    servers = SshServers([("127.0.0.1", desk)], 0, tmp_path / "known_hosts")
    with tempfile.TemporaryDirectory(prefix="ssh-") as control:  # short: a socket's path has 107 characters at most
        yield Lab(desk, tmp_path, Path(control), servers.ports[0])
    servers.close()


def test_a_client_is_pointed_at_its_server(lab: Lab) -> None:
    answer = lab.ansible("protect.licensing.client_config", {"servers": ["srv1"]})

    assert answer["changed"], answer
    assert lab.desk.disk.local(r"%ProgramData%\Protect\client.ini").read_text() == "server=srv1\n"


def test_a_client_that_is_as_declared_is_left(lab: Lab) -> None:
    ini = lab.desk.disk.local(r"%ProgramData%\Protect\client.ini")
    ini.parent.mkdir(parents=True)
    ini.write_text("server=srv1\n")

    answer = lab.ansible("protect.licensing.client_config", {"servers": ["srv1"]})

    assert not answer["changed"], answer


def test_check_mode_shows_the_difference_and_writes_nothing(lab: Lab) -> None:
    answer = lab.ansible("protect.licensing.client_config", {"servers": ["srv1"]}, "--check", "--diff")

    (shown,) = answer["diff"] if isinstance(answer["diff"], list) else [None]
    assert answer["changed"]
    assert shown["after"] == "server=srv1\n"
    assert not lab.desk.disk.local(r"%ProgramData%\Protect").exists()


def test_templates_travel_in_one_archive(lab: Lab, tmp_path: Path) -> None:
    source = tmp_path / "main"
    source.mkdir()
    (source / "1cv8.mft").write_text("[Config1]\nSource=1cv8.dt\n")
    (source / "1cv8.dt").write_bytes(bytes(range(256)) * 100)
    program = lab.desk.disk.local(r"C:\Program Files\1cv8\8.3.25\bin\1cv8.exe")
    program.parent.mkdir(parents=True)
    program.touch()
    template = {"src": str(source), "vendor": "Rarus", "configuration": "Trade", "version": "1.0"}

    answer = lab.ansible(
        "protect.licensing.config_template", {"templates": [template], "template_folder": r"C:\Шаблоны"}
    )

    assert answer["changed"], answer
    received = lab.desk.disk.local(r"C:\Шаблоны\Rarus\Trade\1.0\1cv8.dt")
    assert received.read_bytes() == (source / "1cv8.dt").read_bytes()


def test_a_file_comes_back_as_it_was(lab: Lab, tmp_path: Path) -> None:
    content = bytes(range(256)) * 1000
    lab.desk.disk.local(r"C:\there.bin").write_bytes(content)

    answer = lab.ansible("ansible.builtin.fetch", {"src": r"C:\there.bin", "dest": f"{tmp_path}/", "flat": True})

    assert answer["changed"], answer
    assert (tmp_path / "there.bin").read_bytes() == content


def test_a_wrong_password_is_refused(lab: Lab) -> None:
    answer = lab.ansible("ansible.windows.win_ping", {"data": "pong"}, ansible_password="wrong")

    assert answer.get("unreachable"), json.dumps(answer)


def test_a_host_with_another_key_is_not_trusted(lab: Lab) -> None:
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    (lab.folder / "known_hosts").write_text(f"[127.0.0.1]:{lab.port} {stranger}")

    answer = lab.ansible("ansible.windows.win_ping", {"data": "pong"})

    assert answer.get("failed"), json.dumps(answer)
    assert "Host Key checking" in str(answer["msg"])
