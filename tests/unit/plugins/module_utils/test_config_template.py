# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``config_template`` (docs/specification.md, section 9)."""

from __future__ import annotations

import ntpath
import posixpath
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._config_template import (
    DeskPlan,
    check_manifests,
    is_manifest,
    place_of,
    plan_templates,
)
from ansible_collections.protect.licensing.plugins.module_utils._product_places import LINUX, WINDOWS, Places

TEMPLATE = {"src": "main", "vendor": "Rarus", "configuration": "Loans", "version": "1.0.1"}
FILES = {"Rarus/Loans/1.0.1/1cv8.mft": "m1", "Rarus/Loans/1.0.1/1cv8.cf": "c1"}
MANIFEST = "Vendor=Рарус\r\n[Config1]\r\nSource=1cv8.cf\r\n[Config2]\r\nSource=Demo\\1Cv8.dt\r\n".encode()


class FakeDesk:
    """A desk whose files are a dictionary: texts for those that are read, checksums for those of templates."""

    def __init__(self, *, platform: bool = True, **files: str) -> None:
        self.files: dict[str, str] = {}
        self.settings: dict[str, bytes] = {}
        self.platform = platform
        self.questions: list[str] = []

    def read(self, path: str) -> bytes | None:
        self.questions.append(f"read {path}")
        return self.settings.get(path)

    def find(self, folders: list[str], below: list[str], *, checksums: bool) -> dict[str, dict[str, str | None]]:
        self.questions.append(f"find {below}")
        return {
            folder: {
                path[len(folder) + 1 :]: checksum if checksums else None
                for path, checksum in self.files.items()
                if path.startswith(f"{folder}/")
            }
            for folder in folders
        }

    def has_program(self, folders: list[str], program: str) -> bool:
        self.questions.append(f"platform {program} in {list(folders)}")
        return self.platform


def plan(
    desk: FakeDesk,
    *,
    files: dict[str, str | None] | None = None,
    places: Places = LINUX,
    check_mode: bool = False,
    **options: Any,
) -> DeskPlan:
    defaults = {"template_folder": None, "profiles": None, "platform_folders": None, "state": "present"}
    folder = {} if "profiles" in options else {"template_folder": "/t"}
    return plan_templates(
        {**defaults, "templates": [TEMPLATE], **folder, **options}, files or FILES, places, desk, check_mode=check_mode
    )


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def test_missing_files_are_sent(desk: FakeDesk) -> None:
    assert plan(desk).folders[0].send == tuple(FILES)


def test_only_files_that_differ_are_sent(desk: FakeDesk) -> None:
    desk.files = {"/t/Rarus/Loans/1.0.1/1cv8.mft": "m1", "/t/Rarus/Loans/1.0.1/1cv8.cf": "other"}
    folder = plan(desk).folders[0]
    assert folder.send == ("Rarus/Loans/1.0.1/1cv8.cf",)
    assert folder.diff == {"before": "Rarus/Loans/1.0.1/1cv8.cf other\n", "after": "Rarus/Loans/1.0.1/1cv8.cf c1\n"}


def test_a_desk_that_has_them_is_asked_once(desk: FakeDesk) -> None:
    desk.files = {f"/t/{name}": checksum for name, checksum in FILES.items()}
    assert plan(desk).describe()["changed"] is False
    assert desk.questions == ["find ['Rarus/Loans/1.0.1']"]


def test_names_are_compared_as_the_system_does(desk: FakeDesk) -> None:
    desk.files = {f"C:\\t/{name.upper()}": checksum for name, checksum in FILES.items()}
    assert not plan(desk, places=WINDOWS, template_folder="C:\\t").folders[0].changed
    desk.files = {f"/t/{name.upper()}": checksum for name, checksum in FILES.items()}
    assert plan(desk).folders[0].changed


def test_without_the_platform_nothing_is_sent() -> None:
    desk = FakeDesk(platform=False)
    with pytest.raises(ValueError, match=r"not installed here: there is no 1cv8 below /opt/1cv8, /opt/1C/v8\.3\."):
        plan(desk)
    with pytest.raises(ValueError, match="below /mine"):
        plan(desk, platform_folders=["/mine"])


def test_check_mode_notes_that_the_platform_is_missing() -> None:
    answer = plan(FakeDesk(platform=False), check_mode=True).describe()
    assert answer["changed"] is True
    assert "Install the platform first" in answer["note"]


def test_the_folder_of_a_profile_is_1cs_default(desk: FakeDesk) -> None:
    windows = plan(desk, places=WINDOWS, profiles=["C:\\Users\\ann"]).folders
    assert [folder.path for folder in windows] == [r"C:\Users\ann\AppData\Roaming\1C\1cv8\tmplts"]
    assert [folder.path for folder in plan(desk, profiles=["/home/ann"]).folders] == ["/home/ann/.1cv8/1C/1cv8/tmplts"]


def test_the_folder_of_a_profile_is_the_first_that_is_here_in_its_settings(desk: FakeDesk) -> None:
    desk.settings["C:\\Users\\ann\\AppData\\Roaming\\1C\\1CEStart\\1cestart.cfg"] = (
        "\ufeffConfigurationTemplatesLocation=\\\\srv\\tmplts\r\n"
        "ConfigurationTemplatesLocation=https://srv/tmplts\r\n"
        "ConfigurationTemplatesLocation=D:\\tmplts\r\n"
    ).encode("utf-16-le")
    assert plan(desk, places=WINDOWS, profiles=["C:\\Users\\ann"]).folders[0].path == "D:\\tmplts"


def test_the_settings_for_all_users_come_next_and_are_read_once(desk: FakeDesk) -> None:
    common = r"%ALLUSERSPROFILE%\1C\1CEStart\1cestart.cfg"
    desk.settings[common] = b"ConfigurationTemplatesLocation=D:\\tmplts\r\n"
    folders = plan(desk, places=WINDOWS, profiles=["C:\\Users\\ann", "C:\\Users\\bob"]).folders
    assert [folder.path for folder in folders] == ["D:\\tmplts"]
    assert desk.questions.count(f"read {common}") == 1


def test_settings_that_are_no_text_are_named(desk: FakeDesk) -> None:
    desk.settings["/home/ann/.1C/1cestart/1cestart.cfg"] = b"\0"
    with pytest.raises(ValueError, match=r"^/home/ann/\.1C/1cestart/1cestart\.cfg: not text"):
        plan(desk, profiles=["/home/ann"])


@pytest.mark.parametrize("option", [{"template_folder": "%APPDATA%\\t"}, {"profiles": ["ann"]}])
def test_a_folder_is_named_by_its_whole_path(desk: FakeDesk, option: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=rf"{next(iter(option))}: .*: write the whole path"):
        plan(desk, places=WINDOWS, **option)


def test_removal_takes_whole_folders_where_nothing_else_is_left(desk: FakeDesk) -> None:
    desk.files = {f"/t/{name}": "x" for name in FILES}
    answer = plan(desk, state="absent").describe()
    assert answer["folders"] == [{"path": "/t", "sent": [], "removed": ["Rarus"]}]
    assert answer["diff"][0]["before"] == "Rarus/Loans/1.0.1/1cv8.cf\nRarus/Loans/1.0.1/1cv8.mft\n"
    assert desk.questions == ["find ['Rarus']"]


@pytest.mark.parametrize(
    ("foreign", "removed"),
    [
        ("Rarus/Other/1.0/1cv8.cf", ("Rarus/Loans",)),
        ("Rarus/Loans/1.0.2/1cv8.cf", ("Rarus/Loans/1.0.1",)),
        ("Rarus/Loans/1.0.1/own.txt", tuple(sorted(FILES))),
    ],
)
def test_foreign_files_stay(desk: FakeDesk, foreign: str, removed: tuple[str, ...]) -> None:
    desk.files = {f"/t/{name}": "x" for name in [*FILES, foreign]}
    assert plan(desk, state="absent").folders[0].remove == removed


def test_removal_needs_no_platform() -> None:
    desk = FakeDesk(platform=False)
    desk.files = {f"/t/{name}": "x" for name in FILES}
    assert plan(desk, state="absent").folders[0].changed


def test_removing_what_is_not_there_changes_nothing(desk: FakeDesk) -> None:
    assert plan(desk, state="absent").describe() == {
        "changed": False,
        "folders": [{"path": "/t", "sent": [], "removed": []}],
        "diff": [],
    }


@pytest.mark.parametrize("wrong", ["", "..", "a/b", "a\\b", "a:b", "a ", "a.", "a\n"])
def test_what_is_no_name_of_a_folder_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"templates: vendor: .* cannot be the name of a folder"):
        place_of({**TEMPLATE, "vendor": wrong})


@pytest.mark.parametrize(("name", "expected"), [("1cv8.MFT", True), ("a/1cv8.mft", False), ("1cv8.cf", False)])
def test_a_manifest_is_known_by_its_name(name: str, expected: bool) -> None:
    assert is_manifest(name) is expected


def test_a_whole_template_passes() -> None:
    check_manifests({"1cv8.mft": MANIFEST}, ["1cv8.mft", "1CV8.CF", "Demo/1cv8.dt"])


def test_a_template_needs_a_manifest() -> None:
    with pytest.raises(ValueError, match="no manifest"):
        check_manifests({}, ["1cv8.cf"])


def test_a_file_that_a_manifest_names_must_be_there() -> None:
    with pytest.raises(
        ValueError, match=r"^1cv8\.mft: line 5: \[Config2\]: Source=Demo\\1Cv8\.dt: this file is missing"
    ):
        check_manifests({"1cv8.mft": MANIFEST}, ["1cv8.mft", "1cv8.cf"])


@pytest.mark.parametrize(
    ("places", "path", "local"),
    [
        (WINDOWS, r"C:\t", True),
        (WINDOWS, r"\\srv\t", False),
        (WINDOWS, "http://srv/t", False),
        (LINUX, "/t", True),
        (LINUX, "http://srv/t", False),
    ],
)
def test_a_folder_is_on_the_computer_itself_or_not(places: Places, path: str, local: bool) -> None:
    assert places.is_local(path) is local


def test_each_system_has_its_paths() -> None:
    assert (WINDOWS.path, LINUX.path) == (ntpath, posixpath)
