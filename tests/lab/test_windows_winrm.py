# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""WinRM as Ansible meets it: every way to log in, every refusal, and modules sent by the real program to desks."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.windows.by_hand import sent
from tests.lab.windows.certificates import Certificates, issue
from tests.lab.windows.endpoint import host_to_play, listen
from tests.lab.windows.plan import PASSWORD, USER, Desk
from tests.lab.windows.played_host import PlayedHost


@dataclass(frozen=True)
class Lab:
    """One desk that listens on ports of its own."""

    desk: PlayedHost
    folder: Path
    certificates: Certificates
    ports: dict[str, int]

    def ansible(self, module: str, arguments: dict[str, object] | str = "", **variables: object) -> dict[str, object]:
        """What a module answers, sent by the program `ansible`; `scheme` and `transport` choose the way."""
        scheme = variables.pop("scheme", "https")
        assert isinstance(scheme, str)
        chosen = {
            "ansible_connection": "winrm",
            "ansible_host": "127.0.0.1",
            "ansible_port": self.ports[scheme],
            "ansible_user": USER,
            "ansible_password": PASSWORD,
            "ansible_winrm_scheme": scheme,
            "ansible_winrm_transport": variables.pop("transport", "ntlm"),
            "ansible_winrm_ca_trust_path": str(self.certificates.authority),
            **variables,
        }
        return sent(self.folder, module, arguments, chosen)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    desk = host_to_play(Desk(1), tmp_path)
    certificates = issue(tmp_path / "certificates", ["127.0.0.1"])
    ((http, https),) = listen([("127.0.0.1", desk)], certificates, tmp_path / "accounts", (0, 0))
    yield Lab(desk, tmp_path, certificates, {"http": http.server_address[1], "https": https.server_address[1]})
    for listener in (http, https):
        listener.shutdown()
        listener.server_close()


@pytest.mark.parametrize(("transport", "scheme"), [("basic", "https"), ("ntlm", "https"), ("ntlm", "http")])
def test_every_safe_way_in_is_open(lab: Lab, transport: str, scheme: str) -> None:
    assert lab.ansible("ansible.windows.win_ping", transport=transport, scheme=scheme)["ping"] == "pong"


def test_messages_without_encryption_are_refused(lab: Lab) -> None:
    answer = lab.ansible("ansible.windows.win_ping", transport="basic", scheme="http")

    assert answer["unreachable"]
    assert "Code 500" in str(answer["msg"])


def test_messages_without_encryption_are_taken_when_that_is_allowed(lab: Lab) -> None:
    lab.desk.settings.change({"allow_unencrypted": True})

    assert lab.ansible("ansible.windows.win_ping", transport="basic", scheme="http")["ping"] == "pong"


def test_ntlm_without_message_encryption_is_refused(lab: Lab) -> None:
    answer = lab.ansible("ansible.windows.win_ping", scheme="http", ansible_winrm_message_encryption="never")

    assert answer["unreachable"]


@pytest.mark.parametrize("transport", ["basic", "ntlm"])
def test_a_wrong_password_is_refused(lab: Lab, transport: str) -> None:
    answer = lab.ansible("ansible.windows.win_ping", transport=transport, ansible_password="wrong")

    assert answer["unreachable"]
    assert "credentials were rejected" in str(answer["msg"])


def test_basic_is_refused_when_it_is_switched_off(lab: Lab) -> None:
    lab.desk.settings.change({"basic": False})

    assert "credentials were rejected" in str(lab.ansible("ansible.windows.win_ping", transport="basic")["msg"])


def test_a_certificate_of_a_stranger_is_not_trusted(lab: Lab) -> None:
    stranger = issue(lab.folder / "stranger", ["127.0.0.1"])

    answer = lab.ansible("ansible.windows.win_ping", ansible_winrm_ca_trust_path=str(stranger.authority))

    assert answer["unreachable"]
    assert "CERTIFICATE_VERIFY_FAILED" in str(answer["msg"])


def test_a_certificate_for_another_address_is_not_trusted(lab: Lab) -> None:
    answer = lab.ansible("ansible.windows.win_ping", ansible_host="localhost")

    assert "CERTIFICATE_VERIFY_FAILED" in str(answer["msg"])


def test_a_file_travels_encrypted_to_the_desk_and_back(lab: Lab) -> None:
    content = "сервер\r\n".encode() * 50_000
    (lab.folder / "client.ini").write_bytes(content)
    options: dict[str, object] = {"src": str(lab.folder / "client.ini"), "dest": "C:\\ProgramData\\"}

    sent = lab.ansible("ansible.windows.win_copy", options, scheme="http")
    fetched = lab.ansible("ansible.windows.slurp", {"src": r"C:\ProgramData\client.ini"}, scheme="http")

    assert sent["changed"]
    assert base64.b64decode(str(fetched["content"])) == content


def test_a_folder_travels_as_one_archive(lab: Lab) -> None:
    folder = lab.folder / "templates"
    (folder / "main").mkdir(parents=True)
    (folder / "main/1Cv8.cf").write_bytes(bytes(300_000))
    (folder / "шаблон.txt").touch()

    first = lab.ansible("ansible.windows.win_copy", {"src": f"{folder}/", "dest": "C:\\Templates\\"})
    second = lab.ansible("ansible.windows.win_copy", {"src": f"{folder}/", "dest": "C:\\Templates\\"})

    assert (first["changed"], second["changed"]) == (True, False)
    assert lab.desk.disk.local(r"C:\Templates\main\1Cv8.cf").stat().st_size == 300_000
    assert lab.desk.disk.local(r"C:\Templates\шаблон.txt").exists()


def test_no_temporary_file_is_left(lab: Lab) -> None:
    lab.ansible("ansible.windows.win_copy", {"content": "x", "dest": r"C:\ProgramData\x"})

    assert list(lab.desk.disk.local("%TEMP%").iterdir()) == []


BECOME = {"ansible_become": True, "ansible_become_method": "runas", "ansible_become_user": "SYSTEM"}


@pytest.mark.parametrize(
    ("module", "arguments", "variables", "why"),
    [
        ("ansible.builtin.raw", "dir", {}, "the lab has no PowerShell"),
        ("ansible.windows.win_shell", "dir", {}, "the lab has no PowerShell"),
        ("ansible.windows.win_ping", "", BECOME, "does not play become_wrapper.ps1"),
    ],
)
def test_what_is_not_played_fails_and_says_so(
    lab: Lab, module: str, arguments: str, variables: dict[str, object], why: str
) -> None:
    assert why in json.dumps(lab.ansible(module, arguments, **variables))
