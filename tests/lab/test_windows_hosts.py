# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real Windows programs on computers of the lab. Takes the Windows hosts of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.windows import hosts
from tests.lab.windows.by_hand import played
from tests.lab.windows.endpoint import host_to_play
from tests.lab.windows.plan import Computer, computers
from tests.lab.windows.wine import PROGRAMS, PYTHON

ROOT = Path(__file__).resolve().parents[2]
FIRST, SECOND = computers(2)
MISSING = [program for program in PROGRAMS if shutil.which(program) is None]

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="hosts need namespaces and mounts: root only"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; see tests/tools/install_lab_tools"),
    pytest.mark.timeout(900),
]

FACTS = """
import ctypes, os, platform, socket, winreg
serial = ctypes.c_uint32()
ctypes.windll.kernel32.GetVolumeInformationW("C:\\\\", None, 0, ctypes.byref(serial), None, None, None, 0)
with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"Software\\Microsoft\\Cryptography") as key:
    print(winreg.QueryValueEx(key, "MachineGuid")[0], "%08X" % serial.value, platform.node(), os.environ["USERNAME"])
"""
SERVICE = """
import ctypes, socket
from ctypes import wintypes
api, stopped = ctypes.WinDLL("advapi32"), ctypes.windll.kernel32.CreateEventW(None, True, False, None)
Main = ctypes.WINFUNCTYPE(None, wintypes.DWORD, ctypes.c_void_p)
Handler = ctypes.WINFUNCTYPE(None, wintypes.DWORD)
class Entry(ctypes.Structure):
    _fields_ = [("name", wintypes.LPWSTR), ("main", Main)]
def report(state):
    api.SetServiceStatus(ctypes.c_void_p(handle), (wintypes.DWORD * 7)(16, state, 1, 0, 0, 0, 0))
@Handler
def control(code):
    if code == 1:
        ctypes.windll.kernel32.SetEvent(stopped)
@Main
def main(count, words):
    global handle
    api.RegisterServiceCtrlHandlerW.restype = ctypes.c_void_p
    handle = api.RegisterServiceCtrlHandlerW("LabService", control)
    listening = socket.create_server(("0.0.0.0", 15200))
    with open(r"C:\\ProgramData\\held.txt", "w"):
        report(4)
        ctypes.windll.kernel32.WaitForSingleObject(stopped, -1)
    report(1)
api.StartServiceCtrlDispatcherW((Entry * 2)(Entry("LabService", main), Entry(None, Main(0))))
"""


def lab(*arguments: str) -> str:
    words = [sys.executable, "-m", "tests.lab.windows", *arguments]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def on(computer: Computer, module: str, /, **options: Any) -> dict[str, Any]:
    return played(host_to_play(computer, hosts.STATE), module, **options)


def reaches(computer: Computer, host: str, *, patience: int = 5) -> bool:
    return "failed" not in on(computer, "win_wait_for", host=host, port=15200, timeout=patience, connect_timeout=1)


@pytest.fixture
def two_computers() -> Iterator[None]:
    lab("up", "2")
    yield
    lab("down")


@pytest.mark.usefixtures("two_computers")
def test_each_computer_is_another_computer() -> None:
    said = [on(one, "win_command", argv=[PYTHON, "-c", FACTS])["stdout"].split() for one in (FIRST, SECOND)]

    assert said == [[one.machine_guid, one.volume_serial, one.name, "Administrator"] for one in (FIRST, SECOND)]


@pytest.mark.usefixtures("two_computers")
def test_windows_does_not_see_linux() -> None:
    answer = on(
        FIRST, "win_command", argv=[PYTHON, "-c", r"import os; print(os.listdir('C:\\'), os.path.exists('Z:\\'))"]
    )

    assert answer["stdout"].startswith("[")
    assert answer["stdout"].endswith("] False\r\n")


@pytest.mark.usefixtures("two_computers")
def test_up_leaves_computers_that_are_on_as_they_are() -> None:
    on(FIRST, "win_file", path=r"C:\mine", state="directory")

    assert "(0 of them new)" in lab("up", "2")
    assert on(FIRST, "win_stat", path=r"C:\mine")["stat"]["exists"]


@pytest.mark.usefixtures("two_computers")
def test_a_service_lives_as_on_windows() -> None:
    Path(host_to_play(FIRST, hosts.STATE).disk.local(r"C:\service.py")).write_text(SERVICE, encoding="utf-8")
    path = rf"{PYTHON} C:\service.py"

    started = on(FIRST, "win_service", name="LabService", path=path, start_mode="auto", state="started")

    assert (started["state"], started["changed"]) == ("running", True), started
    assert not reaches(SECOND, FIRST.address, patience=1), "the firewall is closed"
    rule = {"name": "service", "protocol": "tcp", "localport": "15200", "action": "allow", "direction": "in"}
    assert on(FIRST, "community.windows.win_firewall_rule", **rule)["changed"]
    assert reaches(SECOND, FIRST.name)
    assert "used by another process" in on(FIRST, "win_file", path=r"C:\ProgramData\held.txt", state="absent")["msg"]

    lab("off", FIRST.name)
    assert not reaches(SECOND, FIRST.address, patience=1)
    lab("on", FIRST.name)
    assert reaches(SECOND, FIRST.address)

    assert on(FIRST, "win_service", name="LabService", state="absent")["changed"]
    assert not reaches(SECOND, FIRST.address, patience=1)
    assert on(FIRST, "win_file", path=r"C:\ProgramData\held.txt", state="absent")["changed"]
    assert on(FIRST, "win_service_info", name="LabService") == {"changed": False, "exists": False, "services": []} | {
        "invocation": {"module_args": {"name": "LabService"}}
    }


@pytest.mark.usefixtures("two_computers")
def test_a_service_that_cannot_start_says_so() -> None:
    answer = on(FIRST, "win_service", name="Broken", path=rf"{PYTHON} C:\none.py", state="started")

    assert answer["failed"]
    assert "Windows error" in answer["msg"]


@pytest.mark.usefixtures("two_computers")
@pytest.mark.parametrize("layout", [[], ["--embeddable"]], ids=["installed", "embeddable"])
def test_python_works_from_an_archive(tmp_path: Path, layout: list[str]) -> None:
    lab("python-zip", str(tmp_path / "python.zip"), *layout)
    disk = host_to_play(FIRST, hosts.STATE).disk
    shutil.copy(tmp_path / "python.zip", disk.local("%TEMP%"))
    on(FIRST, "community.windows.win_unzip", src=r"%TEMP%\python.zip", dest=r"C:\Program Files\Python")

    imports = "import asyncio, ctypes, sqlite3, ssl, sys; print(sys.prefix)"
    answer = on(FIRST, "win_command", argv=[r"C:\Program Files\Python\python.exe", "-c", imports])

    assert answer["stdout"] == "C:\\Program Files\\Python\r\n"


@pytest.mark.usefixtures("two_computers")
def test_a_virtual_environment_works() -> None:
    on(FIRST, "win_command", argv=[PYTHON, "-m", "venv", r"C:\venv"])

    answer = on(FIRST, "win_command", argv=[r"C:\venv\Scripts\python.exe", "-m", "pip", "--version"])

    assert r"C:\venv\Lib\site-packages\pip" in answer["stdout"]


def test_up_works_after_a_run_that_was_killed() -> None:
    lab("image")
    with subprocess.Popen([sys.executable, "-m", "tests.lab.windows", "up", "2"], cwd=ROOT) as killed:
        deadline = time.monotonic() + 20
        while not hosts.is_on(FIRST) and time.monotonic() < deadline:
            time.sleep(0.001)
        killed.kill()
    try:
        assert lab("up", "2").startswith("2 computers")
        assert lab("status").count(" on\n") == 2
    finally:
        lab("down")
