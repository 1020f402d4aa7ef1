# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The payload's own tests, run by the Windows Python of the image: `python -m tests.lab.windows.payload_tests [FILE…]`.

Two computers, each with half of the files, run at the same time; nobody else is on their networks.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import tomllib

from ..system import LabError, check_machine, one_at_a_time, run
from .image import Image, image_of
from .wine import PROGRAMS, environment

PROJECT = Path(__file__).resolve().parents[3]
LAB = PROJECT / "build/lab/windows"
TESTS = PROJECT / "server_core/tests"
PREFIX = Path("/mnt/prefix")
HALVES = 2
TIMEOUT = 900.0
BESIDE_THE_PAYLOAD = ("pytest", "pytest-timeout", "hypothesis", "pywin32", "colorama")
"""What the tests need; the last two, which others ask for on Windows only, pip overlooks on Linux."""


@dataclass
class Report:
    """What became of the tests.

    `skipped` counts how often each reason was given; `files` names the files that have been collected or skipped.
    """

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)
    said: str = ""


def all_files() -> list[Path]:
    """Every file of the payload's tests that is meant for Windows or might be."""
    return sorted(TESTS.rglob("test_*.py"))


def quick_files() -> list[Path]:
    """What `make test` has time for: files, facts, keys, leases, messages, and a server that runs; but not the many
    tests that start a process or a server each, which take minutes.
    """
    folders = {"binding", "keys", "seats", "system", "wire"}
    names = {"test_documents", "test_files", "test_kept_file", "test_listening", "test_networks", "test_run"}
    names |= {"test_sealing", "test_server", "test_settings", "test_transports"}
    return [file for file in all_files() if file.parent.name in folders or file.stem in names]


def run_tests(files: Sequence[Path]) -> Report:
    """Run tests; makes the image and the layer of packages if need be.

    Raises `LabError` when they cannot be run.
    """
    check_machine(PROGRAMS)
    run("env", f"--chdir={PROJECT}", sys.executable, "-m", "tests.lab.windows", "image")
    image, packages = image_of(LAB), _present_packages()
    report = Report()
    with tempfile.TemporaryDirectory() as results, ThreadPoolExecutor(HALVES) as pool:
        halves = [files[number::HALVES] for number in range(HALVES)]
        folders = [Path(results, str(number)) for number in range(HALVES)]
        jobs = [
            pool.submit(_run_half, image, packages, half, folder)
            for half, folder in zip(halves, folders, strict=True)
            if half
        ]
        for job in jobs:
            job.result()
        for folder, _ in zip(folders, jobs, strict=False):
            _read(folder, report)
    return report


def _present_packages() -> Path:
    """The layer that lies over the image's disk: what the payload and its tests need, as pinned for development."""
    pins = PROJECT / "requirements/dev.txt"
    project = tomllib.loads((PROJECT / "server_core/pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["center"], *BESIDE_THE_PAYLOAD]
    digest = hashlib.sha256("\n".join([*wanted, pins.read_text(encoding="utf-8")]).encode()).hexdigest()
    layer = LAB / f"packages-{digest[:12]}"
    with one_at_a_time():
        if not layer.is_dir():
            for old in LAB.glob("packages-*"):
                shutil.rmtree(old)
            draft = LAB / "packages-draft"
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            platform = ["--only-binary=:all:", "--platform=win_amd64", "--python-version=3.11", "--implementation=cp"]
            target = draft / "drive_c/Py311/Lib/site-packages"
            run(*pip, *platform, "--constraint", pins, "--target", target, *wanted)
            draft.rename(layer)
    return layer


def _run_half(image: Image, packages: Path, files: Sequence[Path], results: Path) -> None:
    results.mkdir()
    words = ["-X", "utf8", "-m", "pytest", "--quiet", "--tb=short", "--continue-on-collection-errors"]
    words += [r"--junitxml=C:\results\report.xml"]
    own = ["setpriv", "--pdeathsig=KILL", "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"]
    own += ["--mount-proc", "--propagation=private"]
    script = Path(__file__).with_name("run_python.sh")
    places = [file.relative_to(PROJECT) for file in files]
    settings = {"PYTHONPATH": r"C:\project\server_core\src", "PYTHONDONTWRITEBYTECODE": "1"}
    with (
        open(results / "said", "wb", buffering=0) as said,
        subprocess.Popen(
            [*own, script, image.folder, packages, PROJECT, results, *words, *places],
            env=environment(PREFIX) | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # Windows programs cannot write to a file that Linux opened for them
            stderr=subprocess.STDOUT,
            bufsize=0,
        ) as process,
    ):
        assert process.stdout is not None
        overdue = threading.Timer(TIMEOUT, process.kill)
        overdue.start()
        shutil.copyfileobj(process.stdout, said)
        overdue.cancel()
    if not (results / "report.xml").exists():
        told = (results / "said").read_text(encoding="utf-8", errors="replace")
        raise LabError(f"pytest did not come to its end (exit code {process.returncode}):\n{told[-4000:]}")


def _read(results: Path, report: Report) -> None:
    report.said += (results / "said").read_text(encoding="utf-8", errors="replace")
    for case in ElementTree.parse(results / "report.xml").iter("testcase"):
        place = case.get("classname") or case.get("name") or ""
        report.files.add(".".join(part for part in place.split(".") if not part.startswith("Test")))
        if (skipped := case.find("skipped")) is not None:
            report.skipped[_reason(skipped)] += 1
        elif case.find("failure") is not None or case.find("error") is not None:
            report.failed.append(f"{place}::{case.get('name')}")
        else:
            report.passed += 1


def _reason(skipped: ElementTree.Element) -> str:
    """A file that is skipped as a whole tells its reason in the text only."""
    of_a_file = re.search(r"'Skipped: (.*)'\)", skipped.text or "")
    return of_a_file[1] if of_a_file else skipped.get("message", "")


def main() -> int:
    try:
        report = run_tests([Path(file).resolve() for file in sys.argv[1:]] or all_files())
    except LabError as error:
        print(f"windows: {error}", file=sys.stderr)
        return 1
    print(report.said)
    print(f"{report.passed} passed, {len(report.failed)} failed, {report.skipped.total()} skipped")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
