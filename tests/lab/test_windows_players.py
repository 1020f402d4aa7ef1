# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Players of modules: on a desk for files, on a pretended computer for the rest."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.lab.windows.by_hand import played, source_of
from tests.lab.windows.played_host import PlayedHost
from tests.lab.windows.players import played_options
from tests.lab.windows.players.documentation import documentation_of
from tests.lab.windows.players.firewall import filter_script
from tests.lab.windows.players.stage import player


class PretendedMachine:
    """A computer that remembers services, registry values and filter rules, and runs nothing."""

    def __init__(self) -> None:
        self.services: dict[str, dict[str, Any]] = {}
        self.registry: dict[str, dict[str, Any]] = {}
        self.filter = ""
        self.in_use: set[str] = set()
        self.versions: dict[str, list[int]] = {}
        self.ran: list[tuple[list[str], bytes]] = []
        self.exit_code = 0

    def is_on(self) -> bool:
        return True

    def run(
        self, words: list[str], directory: Path, variables: dict[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        self.ran.append((words, stdin))
        return self.exit_code, b"said\r\n", b""

    def filter_traffic(self, rules: str) -> None:
        self.filter = rules

    def files_in_use(self) -> set[str]:
        return self.in_use

    def ask(self, topic: str, **question: Any) -> Any:
        return getattr(self, f"_{topic.replace('.', '_')}")(**question)

    def _files_version(self, path: str) -> dict[str, Any]:
        return {"numbers": self.versions[path], "file_version": "8.31 (text)", "product_version": ""}

    def _services_read(self, name: str) -> dict[str, Any] | None:
        return self.services.get(name)

    def _services_create(self, name: str, path: str) -> None:
        self.services[name] = {
            **{"name": name, "display_name": name, "path": path, "start_mode": "auto", "error_control": "normal"},
            **{"description": "", "username": "LocalSystem", "desktop_interact": False, "state": "stopped"},
            **{"dependency_of": [], "controls_accepted": ["stop"], "process_id": 0},
        }

    def _services_change(self, name: str, **changes: str) -> None:
        self.services[name] |= changes

    def _services_start(self, name: str) -> None:
        self.services[name]["state"] = "started"

    def _services_stop(self, name: str) -> None:
        self.services[name]["state"] = "stopped"

    def _services_delete(self, name: str) -> None:
        del self.services[name]

    def _registry_read(self, hive: str, key: str) -> dict[str, Any] | None:
        return self.registry.get(f"{hive}:{key}")

    def _registry_write(self, hive: str, key: str, name: str | None = None, kind: str = "", data: Any = None) -> None:
        content = self.registry.setdefault(f"{hive}:{key}", {"values": {}, "keys": []})
        if name is not None:
            content["values"][name] = [kind, data]


@pytest.fixture
def machine() -> PretendedMachine:
    return PretendedMachine()


@pytest.fixture
def computer(tmp_path: Path, machine: PretendedMachine) -> PlayedHost:
    return PlayedHost("w1", tmp_path, tmp_path / "drive_c", machine)


@pytest.fixture
def desk(tmp_path: Path) -> PlayedHost:
    return PlayedHost("d1", tmp_path, tmp_path / "drive_c", None)


def log_of(host: PlayedHost, tmp_path: Path) -> str:
    return (tmp_path / "log.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", sorted(played_options()))
def test_every_option_that_is_played_is_documented(module: str) -> None:
    documented = documentation_of(source_of(module)).options

    assert set(played_options()[module]) <= documented.keys()


def test_a_module_that_is_not_played_fails_and_names_those_that_are(desk: PlayedHost) -> None:
    answer = played(desk, "win_hotfix")

    assert answer["failed"]
    assert "does not play ansible.windows.win_hotfix; it plays ansible.windows.setup" in answer["msg"]


def test_an_option_that_is_not_played_fails(desk: PlayedHost) -> None:
    answer = played(desk, "win_find", paths=[r"C:\Windows"], age="2d")

    assert answer["msg"] == "the lab does not play the option age of ansible.windows.win_find"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"path": r"C:\x", "mode": "0644"}, "Unsupported parameters"),
        ({"path": r"C:\x", "state": "present"}, "value of state must be one of"),
        ({"state": "absent"}, "missing required arguments: path"),
    ],
)
def test_options_that_the_module_would_refuse_fail(desk: PlayedHost, options: dict[str, Any], why: str) -> None:
    assert why in played(desk, "win_file", **options)["msg"]


def test_an_answer_that_strays_from_the_documentation_fails(desk: PlayedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.lab.windows.players.stage._PLAYERS", {})
    player("ansible.windows.win_ping", options="data")(lambda _, __: {"changed": False, "pong": 1})

    answer = played(desk, "win_ping")

    assert answer["failed"]
    assert answer["msg"].endswith("strays from its documentation: pong is not documented; ping is promised")


@pytest.mark.parametrize("module", ["win_shell", "win_powershell", "win_dsc"])
def test_powershell_is_refused(desk: PlayedHost, module: str) -> None:
    assert "has no PowerShell" in played(desk, module)["msg"]


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("win_command", {"_raw_params": "hostname"}),
        ("win_service", {"name": "x", "state": "started"}),
        ("win_regedit", {"path": r"HKLM:\Software\X"}),
        ("community.windows.win_firewall_rule", {"name": "x"}),
        ("win_wait_for", {"port": 1}),
        ("win_package", {"path": r"C:\x.exe"}),
    ],
)
def test_a_desk_has_nothing_but_a_disk(desk: PlayedHost, module: str, options: dict[str, Any]) -> None:
    assert "only its disk is played" in played(desk, module, **options)["msg"]


def test_a_file_is_copied_found_and_read(desk: PlayedHost, tmp_path: Path) -> None:
    sent = desk.disk.local(r"%TEMP%\sent")
    sent.write_bytes(b"port=15200\r\n")
    checksum = hashlib.sha1(b"port=15200\r\n").hexdigest()
    wanted = [{"src": "licserver.ini", "dest": "licserver.ini", "checksum": checksum}]
    query = {"dest": r"C:\ProgramData", "files": wanted, "directories": [], "_copy_mode": "query"}

    assert played(desk, "win_copy", **query)["files"] == wanted
    single = {"src": r"%TEMP%\sent", "_original_basename": "licserver.ini", "_copy_mode": "single"}
    assert played(desk, "win_copy", dest="C:\\ProgramData\\", **single)["changed"]
    assert played(desk, "win_copy", **query)["files"] == []
    content = played(desk, "slurp", src=r"c:\programdata\LICSERVER.INI")["content"]
    assert base64.b64decode(content) == b"port=15200\r\n"
    assert played(desk, "win_stat", path=r"C:\ProgramData\licserver.ini")["stat"]["checksum"] == checksum
    assert played(desk, "win_find", paths=[r"C:\ProgramData"], patterns=["*.INI"])["matched"] == 1


def test_a_file_is_not_copied_where_there_is_no_folder(desk: PlayedHost) -> None:
    desk.disk.local(r"%TEMP%\sent").touch()

    answer = played(desk, "win_copy", src=r"%TEMP%\sent", dest=r"C:\none\file", _original_basename="file")

    assert answer["msg"] == r"Destination directory 'C:\none' does not exist"


def test_check_mode_makes_and_removes_nothing(desk: PlayedHost) -> None:
    folder = desk.disk.local(r"C:\ProgramData\Protect")

    assert played(desk, "win_file", check=True, path=r"C:\ProgramData\Protect", state="directory")["changed"]
    assert not folder.exists()
    folder.mkdir()
    assert played(desk, "win_file", check=True, path=r"C:\ProgramData\Protect", state="absent")["changed"]
    assert folder.exists()


def test_a_file_that_a_program_has_open_is_not_removed(computer: PlayedHost, machine: PretendedMachine) -> None:
    file = computer.disk.local(r"C:\ProgramData\leases.sqlite")
    file.touch()
    machine.in_use = {str(file)}

    answer = played(computer, "win_file", path=r"C:\ProgramData", state="absent")

    assert answer["failed"]
    assert r"'C:\ProgramData\leases.sqlite' because it is being used by another process" in answer["msg"]
    assert file.exists()


def test_an_archive_is_unpacked_once(desk: PlayedHost) -> None:
    with zipfile.ZipFile(desk.disk.local(r"%TEMP%\python.zip"), "w") as archive:
        archive.writestr("Lib/os.py", "")
    options = {"src": r"%TEMP%\python.zip", "dest": r"C:\Python", "creates": r"C:\Python\Lib\os.py"}

    assert played(desk, "community.windows.win_unzip", **options)["changed"]
    assert desk.disk.local(r"C:\Python\Lib\os.py").is_file()
    assert played(desk, "community.windows.win_unzip", **options)["skipped"]


def test_an_archive_cannot_write_outside_its_folder(desk: PlayedHost) -> None:
    with zipfile.ZipFile(desk.disk.local(r"%TEMP%\bad.zip"), "w") as archive:
        archive.writestr("../bad", "")

    assert (
        "outside the destination"
        in played(desk, "community.windows.win_unzip", src=r"%TEMP%\bad.zip", dest=r"C:\Python")["msg"]
    )


def test_a_command_gets_its_input_which_stays_out_of_the_log(
    computer: PlayedHost, machine: PretendedMachine, tmp_path: Path
) -> None:
    computer.disk.local(r"C:\licctl.exe").touch()

    answer = played(computer, "win_command", argv=[r"C:\licctl.exe", "key list"], stdin='{"pin": "1234"}')

    assert machine.ran == [([r"C:\licctl.exe", "key list"], b'{"pin": "1234"}')]
    assert (answer["rc"], answer["stdout"], answer["cmd"]) == (0, "said\r\n", 'C:\\licctl.exe "key list"')
    assert "1234" not in log_of(computer, tmp_path)


def test_a_command_that_fails_is_a_failure_with_its_exit_code(computer: PlayedHost, machine: PretendedMachine) -> None:
    computer.disk.local(r"C:\Windows\System32\cmd.exe").touch()
    machine.exit_code = 3

    answer = played(computer, "win_command", _raw_params="cmd /c exit 3")

    assert (answer["failed"], answer["msg"], answer["rc"]) == (True, "non-zero return code", 3)


def test_a_program_that_is_not_there_is_not_found(computer: PlayedHost) -> None:
    answer = played(computer, "win_command", _raw_params=r"C:\none.exe -x")

    assert (answer["rc"], "cannot find the file" in answer["msg"]) == (2, True)


def test_commands_are_skipped_in_check_mode(computer: PlayedHost, machine: PretendedMachine) -> None:
    assert played(computer, "win_command", check=True, _raw_params="cmd /c dir")["skipped"]
    assert machine.ran == []


SERVICE = {
    "name": "LicServer82",
    "path": r'"%ProgramFiles%\ProtectStorage\python.exe" -m x',
    "description": "Сервер",
    "start_mode": "delayed",
    "dependencies": ["Tcpip"],
    "failure_actions": [{"type": "restart", "delay_ms": 5000}],
    "state": "started",
}


def test_a_service_is_made_and_started_once(computer: PlayedHost, machine: PretendedMachine) -> None:
    first, second = played(computer, "win_service", **SERVICE), played(computer, "win_service", **SERVICE)

    assert (first["changed"], second["changed"]) == (True, False)
    assert (first["state"], first["start_mode"], first["dependencies"]) == ("running", "delayed", ["Tcpip"])
    assert machine.services["LicServer82"]["path"] == r'"C:\Program Files\ProtectStorage\python.exe" -m x'
    (told,) = played(computer, "win_service_info", name="LicServer82")["services"]
    assert told["failure_actions"] == [{"type": "restart", "delay_ms": 5000}]


def test_what_was_noted_of_a_service_goes_with_it(computer: PlayedHost, tmp_path: Path) -> None:
    played(computer, "win_service", **SERVICE)

    assert played(computer, "win_service", name="LicServer82", state="absent")["changed"]
    assert not played(computer, "win_service", name="LicServer82", state="absent")["changed"]
    assert json.loads((tmp_path / "records.json").read_text(encoding="utf-8"))["services"] == {}


def test_a_service_that_is_not_installed_cannot_be_started(computer: PlayedHost) -> None:
    answer = played(computer, "win_service", name="none", state="started")

    assert answer["msg"] == "Service 'none' is not installed, need to set 'path' to create a new service"


def test_a_value_of_the_registry_is_set_once(computer: PlayedHost, machine: PretendedMachine) -> None:
    options = {"path": r"HKLM:\SOFTWARE\Protect", "name": "Port", "data": "15200", "type": "dword"}

    assert played(computer, "win_regedit", **options)["changed"]
    assert not played(computer, "win_regedit", **options)["changed"]
    assert played(computer, "win_reg_stat", path=options["path"], name="port")["value"] == 15200


RULE = {"name": "server", "protocol": "tcp", "localport": "15200,15300-15310", "action": "allow", "direction": "in"}


def test_a_firewall_rule_is_noted_once_and_enforced(computer: PlayedHost, machine: PretendedMachine) -> None:
    first = played(computer, "community.windows.win_firewall_rule", diff=True, **RULE)
    second = played(computer, "community.windows.win_firewall_rule", **RULE)

    assert (first["changed"], second["changed"]) == (True, False)
    assert "+localport='15200,15300-15310'" in first["diff"]["prepared"]
    assert "tcp dport { 15200,15300-15310 } accept" in machine.filter
    played(computer, "community.windows.win_firewall_rule", name="server", state="absent")
    assert "15200" not in machine.filter


def test_a_firewall_rule_that_blocks_comes_before_those_that_allow() -> None:
    rule = {"enabled": True, "direction": "in", "protocol": "udp", "localport": "15200", "profiles": ["private"]}
    rule |= {"remoteport": "any", "localip": "any", "remoteip": "LocalSubnet,10.1.0.0/16"}

    script = filter_script({"a": rule | {"action": "allow"}, "b": rule | {"action": "block"}})

    line = "ip saddr { 10.78.0.0/24, 10.1.0.0/16 } udp dport { 15200 }"
    assert script.index(f"{line} drop") < script.index(f"{line} accept")


PACKAGE = {"path": r"C:\drivers.exe", "arguments": ["/quiet"], "product_id": "Drivers"}


def test_an_installer_runs_unless_its_product_is_there(computer: PlayedHost, machine: PretendedMachine) -> None:
    computer.disk.local(r"C:\drivers.exe").touch()

    assert played(computer, "win_package", **PACKAGE)["changed"]
    assert machine.ran == [([r"C:\drivers.exe", "/quiet"], b"")]
    machine.registry[r"HKLM:SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\Drivers"] = {"values": {}, "keys": []}
    assert not played(computer, "win_package", **PACKAGE)["changed"]


@pytest.mark.parametrize(("wanted", "changed"), [("8.31.2.0", False), ("9.0.0.0", True), ("8.31.2", True)])
def test_an_installer_runs_unless_its_file_has_that_very_version(
    computer: PlayedHost, machine: PretendedMachine, wanted: str, changed: bool
) -> None:
    computer.disk.local(r"C:\setup.exe").touch()
    computer.disk.local(r"C:\driver.exe").touch()
    machine.versions[r"C:\driver.exe"] = [8, 31, 2, 0]

    answer = played(
        computer, "win_package", path=r"C:\setup.exe", creates_path=r"C:\driver.exe", creates_version=wanted
    )

    assert answer["changed"] is changed


def test_a_file_tells_its_version_in_numbers_and_in_words(computer: PlayedHost, machine: PretendedMachine) -> None:
    computer.disk.local(r"C:\driver.exe").touch()
    machine.versions[r"C:\driver.exe"] = [8, 31, 2, 0]

    answer = played(computer, "community.windows.win_file_version", path=r"C:\driver.exe")["win_file_version"]

    assert (answer["file_major_part"], answer["file_private_part"]) == ("8", "0")
    assert (answer["file_version_raw"], answer["file_version"]) == ("8.31.2.0", "8.31 (text)")


def test_only_programs_and_libraries_have_a_version(computer: PlayedHost) -> None:
    computer.disk.local(r"C:\driver.sys").touch()

    answer = played(computer, "community.windows.win_file_version", path=r"C:\driver.sys")

    assert "must be DLL or EXE" in answer["msg"]


def test_an_installer_that_is_not_the_one_expected_does_not_run(
    computer: PlayedHost, machine: PretendedMachine
) -> None:
    computer.disk.local(r"C:\drivers.exe").touch()

    answer = played(computer, "win_package", checksum="00", checksum_algorithm="sha256", **PACKAGE)

    assert "did not match '00'" in answer["msg"]
    assert machine.ran == []


@pytest.mark.parametrize(
    ("rights", "user", "problem"),
    [
        ("Everything", "SYSTEM", "does not know the right Everything"),
        ("Read", "nobody", "nobody is not a valid user or group"),
    ],
)
def test_access_rights_that_windows_does_not_have_fail(desk: PlayedHost, rights: str, user: str, problem: str) -> None:
    answer = played(desk, "win_acl", path=r"C:\ProgramData", user=user, rights=rights, type="allow")

    assert problem in answer["msg"]


def test_an_access_right_is_given_once(desk: PlayedHost) -> None:
    options = {"path": r"C:\ProgramData", "user": r"BUILTIN\Administrators", "rights": "FullControl", "type": "allow"}

    assert played(desk, "win_acl", **options)["changed"]
    assert not played(desk, "win_acl", **(options | {"user": "S-1-5-32-544"}))["changed"]


@pytest.mark.parametrize("administrator", [True, False])
def test_whoami_tells_whether_the_account_is_an_administrator(desk: PlayedHost, administrator: bool) -> None:
    desk.settings.change({"administrator": administrator})

    groups = played(desk, "win_whoami")["groups"]

    assert ("S-1-5-32-544" in [group["sid"] for group in groups]) == administrator


def test_facts_are_those_of_a_windows_server(desk: PlayedHost) -> None:
    facts = played(desk, "setup")["ansible_facts"]

    assert (facts["ansible_os_family"], facts["ansible_hostname"]) == ("Windows", "D1")
