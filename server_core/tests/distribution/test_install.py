# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installing a distribution, as far as no service manager is needed; the lab does the rest."""

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from licserver import __version__
from licserver.distribution import DistributionError
from licserver.distribution.install import install, run_program
from licserver.distribution.places import Places
from server_core.tests.distribution.helpers import make_archive
from server_core.tests.portable import posix_only
from server_core.tests.running import ServerThread

SET_UP = """#!{python}
import json, pathlib, sys
if sys.argv[-1] == "--version":
    print("{version}")
else:
    (pathlib.Path(__file__).parent / "asked").write_text(" ".join(sys.argv[1:]))
    print({answer!r})
"""


@dataclass
class PlayedHome:
    """A computer on which a release is one program that answers as it was told."""

    version: str = "9.9"
    answer: str = '{"changed": true}'
    unfit: DistributionError | None = None
    ports_kept: bool = False
    made: list[Path] = field(default_factory=list)

    def refuse_unfit(self) -> None:
        if self.unfit:
            raise self.unfit

    def keeps_ports(self) -> bool:
        return self.ports_kept

    def put_release(self, folder: Path, release: Path, version: str) -> None:
        self.made.append(release)
        release.mkdir()
        program = self.python_of(release)
        program.write_text(SET_UP.format(python=sys.executable, version=self.version, answer=self.answer))
        program.chmod(0o755)

    def python_of(self, release: Path) -> Path:
        return release / "python"

    def set_up(self, places: Places, version: str, *, network: bool) -> bool:
        raise AssertionError("the release does that")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "opt", tmp_path / "licserver.ini", tmp_path / "state")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "saved")


def refusal(source: Path, places: Places, home: PlayedHome) -> DistributionError:
    with pytest.raises(DistributionError) as refused:
        install(source, places, network=False, home=home, say=print)
    return refused.value


pytestmark = posix_only("the played release is a script with a first line that names its program")


def test_the_new_release_sets_itself_up(source: Path, places: Places) -> None:
    said: list[str] = []

    answer = install(source, places, network=True, home=PlayedHome(), say=said.append)

    release = places.release("9.9")
    assert answer == {"changed": True, "version": "9.9", "release": str(release)}
    assert (release / ".complete").read_text() == "9.9\n"
    assert (release / "asked").read_text().split()[2:] == [
        *("--json", "--version", "9.9", "--network"),
        *("--install", str(places.install), "--ini", str(places.ini), "--state", str(places.state)),
    ]
    assert said[0] == f"Putting release 9.9 into {release}"


def test_a_release_that_is_there_is_not_made_again(source: Path, places: Places) -> None:
    home = PlayedHome(answer='{"changed": false}')
    answers = [install(source, places, network=False, home=home, say=print)["changed"] for _ in range(2)]

    assert (answers, len(home.made)) == ([True, False], 1)


def test_a_release_that_was_left_half_made_is_made_anew(source: Path, places: Places) -> None:
    places.release("9.9").mkdir(parents=True)

    assert install(source, places, network=False, home=PlayedHome(), say=print)["changed"] is True


def test_a_computer_that_is_not_fit_is_refused_before_anything_is_made(source: Path, places: Places) -> None:
    home = PlayedHome(unfit=DistributionError("forbidden", "no administrator"))

    assert refusal(source, places, home).code == "forbidden"
    assert not places.install.exists()


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"system": "beos"}, "system beos"), ({"machine": "vax"}, "processor vax"), ({"python": "3.99"}, "Python 3.99")],
)
def test_a_distribution_for_another_computer_is_refused(
    tmp_path: Path, places: Places, changes: dict[str, str], named: str
) -> None:
    error = refusal(make_archive(tmp_path / "other", **changes), places, PlayedHome())

    assert (error.code, named in error.message) == ("foreign_distribution", True)


def test_another_program_on_the_port_is_refused(source: Path, places: Places) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        places.ini.write_text(f"port={taken.getsockname()[1]}\n")
        error = refusal(source, places, PlayedHome())

    assert (error.code, "older license server" in error.message) == ("port_taken", True)


def test_ports_that_the_service_manager_keeps_for_the_server_are_not_taken(source: Path, places: Places) -> None:
    with socket.create_server(("127.0.0.1", 0)) as kept:
        places.ini.write_text(f"port={kept.getsockname()[1]}\n")
        answer = install(source, places, network=False, home=PlayedHome(ports_kept=True), say=print)

    assert answer["changed"] is True


def test_a_server_that_runs_here_already_is_no_other_program(
    source: Path, places: Places, make_server: Callable[..., ServerThread]
) -> None:
    server = make_server().start()
    running = Places(places.install, server.ini, server.state)

    assert install(source, running, network=False, home=PlayedHome(), say=print)["changed"] is True


def test_a_release_that_is_another_is_taken_away_again(source: Path, places: Places) -> None:
    error = refusal(source, places, PlayedHome(version="8.8"))

    assert "of 9.9 holds release 8.8" in error.message
    assert not places.release("9.9").exists()


def test_where_nothing_can_be_put_the_folder_is_named(source: Path, places: Places) -> None:
    places.install.write_text("a file")

    assert str(places.install) in refusal(source, places, PlayedHome()).message


@pytest.mark.parametrize(
    ("answer", "code"),
    [('{"error": {"code": "does_not_serve", "message": "m", "hint": "h"}}', "does_not_serve"), ("", "install_failed")],
)
def test_a_release_that_cannot_set_itself_up_says_why(source: Path, places: Places, answer: str, code: str) -> None:
    assert refusal(source, places, PlayedHome(answer=answer)).code == code


@pytest.mark.parametrize("command", [["/nowhere/program"], [sys.executable, "-c", "exit('no room')"]])
def test_a_program_that_fails_is_named_with_what_it_said(command: list[str]) -> None:
    with pytest.raises(DistributionError, match=r"cannot be run|no room"):
        run_program(command)


def test_a_program_is_not_led_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.com")

    printed = run_program(
        [sys.executable, "-c", "import os; print(os.environ.keys() & {'PYTHONPATH', 'PIP_INDEX_URL'})"]
    )
    assert printed.strip() == "set()"


def test_the_version_of_this_payload_is_what_it_says_when_it_is_asked() -> None:
    assert run_program([sys.executable, "-m", "licserver.cli.licctl", "--version"]).strip() == __version__
