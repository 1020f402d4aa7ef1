# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Windows hosts look like, and how they read paths and command lines."""

from __future__ import annotations

from pathlib import Path
from subprocess import list2cmdline

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.lab.linux.plan import MAX_HOSTS
from tests.lab.linux.plan import hosts as linux_hosts
from tests.lab.windows.command_lines import split
from tests.lab.windows.disk import Disk, PathError
from tests.lab.windows.plan import MAX_COMPUTERS, MAX_DESKS, computers, desks, hosts_file, inventory


@pytest.mark.parametrize("fact", ["name", "address", "mac"])
def test_no_windows_computer_shares_a_fact_with_another_host(fact: str) -> None:
    everyone = [*computers(MAX_COMPUTERS), *linux_hosts(MAX_HOSTS)]

    assert len({getattr(host, fact) for host in everyone}) == len(everyone)


@pytest.mark.parametrize("fact", ["machine_guid", "volume_serial", "endpoint"])
def test_no_two_windows_computers_share_a_fact(fact: str) -> None:
    assert len({getattr(computer, fact) for computer in computers(MAX_COMPUTERS)}) == MAX_COMPUTERS


def test_no_desk_listens_where_another_host_does() -> None:
    everyone = [*computers(MAX_COMPUTERS), *desks(MAX_DESKS)]

    assert len({host.endpoint for host in everyone}) == len(everyone)


def test_identity_of_a_computer_stays_the_same_from_lab_to_lab() -> None:
    (computer,) = computers(1)

    assert computer.machine_guid == "f98ecb11-8f55-5835-8a76-8fb672533598"
    assert computer.volume_serial == "152DC7C4"


def test_inventory_has_one_server_and_makes_everyone_else_a_client() -> None:
    everything = inventory([*computers(2), *desks(1)], Path("/authority.pem"), Path("/project"))["all"]

    assert isinstance(everything, dict)
    assert {group: list(members["hosts"]) for group, members in everything["children"].items()} == {
        "license_servers": ["w1"],
        "license_clients": ["w2", "d1"],
    }


def test_a_desk_is_never_a_server() -> None:
    everything = inventory(list(desks(1)), Path("/authority.pem"), Path("/project"))["all"]

    assert isinstance(everything, dict)
    assert everything["children"]["license_servers"]["hosts"] == {}


def test_inventory_checks_certificates_unless_told_otherwise() -> None:
    everything = inventory(list(desks(1)), Path("/authority.pem"), Path("/project"))["all"]

    assert isinstance(everything, dict)
    assert everything["vars"]["ansible_winrm_server_cert_validation"] == "validate"
    assert everything["vars"]["ansible_winrm_ca_trust_path"] == "/authority.pem"
    assert everything["vars"]["ansible_port"] == 5986


def test_every_computer_is_in_the_hosts_file() -> None:
    assert {f"{one.address} {one.name}" for one in computers(MAX_COMPUTERS)} <= set(hosts_file().splitlines())


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path, "d1")


@pytest.mark.parametrize(
    "path",
    [
        r"C:\ProgramData\Protect\client.ini",
        r"c:\programdata\PROTECT\Client.INI",
        "C:/ProgramData/Protect/client.ini",
        r"%ProgramData%\Protect\client.ini",
        r"%PROGRAMDATA%\Protect\.\x\..\client.ini",
    ],
)
def test_a_path_is_found_however_it_is_written(disk: Disk, path: str) -> None:
    file = disk.root / "ProgramData/Protect/client.ini"
    file.parent.mkdir()
    file.touch()

    assert disk.local(path) == file


def test_a_relative_path_begins_in_the_users_folder(disk: Disk) -> None:
    assert disk.windows(disk.local("notes.txt")) == r"C:\Users\Administrator\notes.txt"


@pytest.mark.parametrize("path", [r"D:\x", r"\\server\share\x", r"C:\a|b", "C:\\a?", r"C:\a:b"])
def test_a_path_that_the_disk_cannot_have_is_refused(disk: Disk, path: str) -> None:
    with pytest.raises(PathError):
        disk.local(path)


def test_a_path_never_leaves_the_disk(disk: Disk) -> None:
    assert disk.local(r"C:\..\..\..\etc\passwd") == disk.root / "etc/passwd"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"C:\a.exe b  c", [r"C:\a.exe", "b", "c"]),
        (r'"C:\Program Files\a.exe" --x="b c"', [r"C:\Program Files\a.exe", "--x=b c"]),
        (r"a \\server\share\ b", ["a", "\\\\server\\share\\", "b"]),
        (r'a "b\\" c', ["a", "b\\", "c"]),
        (r"a b\"c", ["a", 'b"c']),
        ('a "b""c" ""', ["a", 'b"c', ""]),
    ],
)
def test_a_command_line_is_split_as_windows_programs_do(line: str, words: list[str]) -> None:
    assert split(line) == words


@given(some.lists(some.text(some.characters(exclude_characters="\0\n\r\v\f", exclude_categories=["Cs"]), max_size=8)))
def test_words_survive_being_joined_to_a_command_line(words: list[str]) -> None:
    assert split(list2cmdline(words)) == words
