# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``infobase`` (docs/specification.md, section 9)."""

from __future__ import annotations

import codecs
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan
from ansible_collections.protect.licensing.plugins.module_utils._infobase import ARGUMENTS, describe, plan_infobases
from ansible_collections.protect.licensing.plugins.module_utils._product_places import LINUX, WINDOWS, Places
from ansible_collections.protect.licensing.plugins.module_utils._v8i import V8iText

OWN = '[Mine]\nConnect=File="/home/ann/mine";\nID=own\nFolder=/\nWA=1\n'
PATH = "/lists/ibases.v8i"


def infobase(name: str = "Main", **options: Any) -> dict[str, Any]:
    known = ARGUMENTS["argument_spec"]["infobases"]["options"]
    return {**{option: spec.get("default") for option, spec in known.items()}, "name": name, **options}


def plan(
    files: dict[str, bytes], *infobases: dict[str, Any], places: Places = LINUX, **options: Any
) -> dict[str, FilePlan]:
    given_options = {option: spec.get("default") for option, spec in ARGUMENTS["argument_spec"].items()}
    if not options.keys() & {"paths", "profiles", "common_list"}:
        options["paths"] = [PATH]
    return plan_infobases({**given_options, "infobases": list(infobases), **options}, places, files.get)


def plan_one(current: str | None, *infobases: dict[str, Any], **options: Any) -> FilePlan:
    return plan({} if current is None else {PATH: current.encode()}, *infobases, **options)[PATH]


def read_back(planned: FilePlan) -> V8iText:
    assert planned.after is not None
    return V8iText.parse(planned.after)


def test_an_infobase_is_added_below_the_users_own() -> None:
    planned = plan_one(OWN, infobase(file="/srv/main", order=2, folder="/Branch", keys={"Version": "8.3"}))
    text = read_back(planned)
    identity = text.get("Main", "ID")
    assert text.to_text() == (
        OWN + f'[Main]\nConnect=File="/srv/main";\nID={identity}\nFolder=/Branch\n'
        "OrderInList=2\nOrderInTree=2\nVersion=8.3\n"
    )


def test_only_what_is_declared_is_changed() -> None:
    planned = plan_one(OWN, infobase("Mine", folder="/New"))
    assert planned.after == OWN.replace("Folder=/\n", "Folder=/New\n").encode()


def test_a_second_run_changes_nothing() -> None:
    wanted = infobase(server="srv", reference="main", order=0.5)
    first = plan_one(OWN, wanted)
    assert not plan_one(read_back(first).to_text(), wanted).changed


def test_a_connection_that_means_the_same_is_left() -> None:
    assert not plan_one("[Main]\nID=1\nConnect=File=/srv/main\n", infobase(file="/srv/main")).changed


def test_another_connection_is_written() -> None:
    assert b'Srvr="a";Ref="b";' in (plan_one(OWN, infobase("Mine", server="a", reference="b")).after or b"")


def test_an_id_is_kept() -> None:
    assert read_back(plan_one(OWN, infobase("Mine", file="/other"))).get("Mine", "ID") == "own"


def test_an_id_can_be_declared() -> None:
    wanted = infobase(file="/a", keys={"id": "mine"})
    first = read_back(plan_one(None, wanted))
    assert first.values("Main", "ID") == ["mine"]
    assert not plan_one(first.to_text(), wanted).changed


def test_an_id_depends_on_the_list_and_the_name_only() -> None:
    first, second = (read_back(plan_one(None, infobase(file=path))).get("Main", "ID") for path in ("/a", "/b"))
    assert first == second
    assert first != read_back(plan_one(None, infobase("Demo", file="/a"))).get("Demo", "ID")


def test_absent_removes_only_what_is_declared() -> None:
    added = read_back(plan_one(OWN, infobase(file="/srv/main"), infobase("Demo", file="/srv/demo"))).to_text()
    planned = plan_one(added, infobase(), infobase("Demo"), state="absent")
    assert planned.after == OWN.encode()
    assert planned.settings == {"infobases": []}


@pytest.mark.parametrize("current", [None, "", OWN])
def test_absent_of_what_is_not_there_changes_nothing(current: str | None) -> None:
    assert not plan_one(current, infobase(), state="absent").changed


def test_a_new_infobase_needs_a_connection() -> None:
    with pytest.raises(ValueError, match=r"^/lists/ibases.v8i: \[Main\]: .* say where it is .* No file was changed\.$"):
        plan_one(OWN, infobase(folder="/"))


def test_the_web_and_a_whole_connection_string_can_be_given() -> None:
    planned = plan_one(None, infobase(web="https://srv/main"), infobase("Demo", connect="File=/srv/demo"))
    text = read_back(planned)
    assert text.get("Main", "Connect") == 'ws="https://srv/main";'
    assert text.get("Demo", "Connect") == "File=/srv/demo"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"file": " "}, "File is empty"),
        ({"connect": "nonsense"}, "connect: not a connection string"),
        ({"connect": 'File="a";Pwd="b";'}, "a password has no place"),
        ({"folder": "Branch"}, "does not begin with a slash"),
        ({"keys": {"connect": "x"}}, "connect has an option of its own, connect"),
        ({"keys": {"OrderInTree": "1"}}, "OrderInTree has an option of its own, order"),
        ({"keys": {"Version": 8.3}}, r"Version=8\.3: write the value in quotes"),
        ({"keys": {"WA": True}}, "WA=True: write the value in quotes"),
    ],
)
def test_wrong_options_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=rf"infobases: Main: .*{message}"):
        plan_one(None, infobase(**{"file": None, **wrong}))


def test_a_name_is_declared_once() -> None:
    with pytest.raises(ValueError, match="Main is declared twice"):
        plan_one(None, infobase(file="/a"), infobase(file="/b"))


def test_a_first_list_has_the_habits_of_its_system() -> None:
    windows = plan({}, infobase(file="C:\\a"), places=WINDOWS, paths=["C:\\l.v8i"])["C:\\l.v8i"]
    assert (windows.after or b"").startswith(codecs.BOM_UTF8 + b'[Main]\r\nConnect=File="C:\\a";\r\n')
    assert (plan_one(None, infobase(file="/a")).after or b"").startswith(b'[Main]\nConnect=File="/a";\n')


def test_every_profile_has_its_list() -> None:
    plans = plan({}, infobase(file="/a"), profiles=["/home/ann", "/home/bob", "/home/ann/"])
    assert list(plans) == ["/home/ann/.1C/1cestart/ibases.v8i", "/home/bob/.1C/1cestart/ibases.v8i"]


def test_a_profile_of_windows_has_its_list() -> None:
    plans = plan({}, infobase(file="C:\\a"), places=WINDOWS, profiles=["C:\\Users\\ann"])
    assert list(plans) == [r"C:\Users\ann\AppData\Roaming\1C\1CEStart\ibases.v8i"]


def test_a_common_list_is_named_in_the_settings_for_all_users() -> None:
    plans = plan({}, infobase(file="C:\\a"), places=WINDOWS, common_list=r"C:\Lists\all.v8i")
    assert list(plans) == [r"C:\Lists\all.v8i", r"%ALLUSERSPROFILE%\1C\1CEStart\1cestart.cfg"]
    assert plans[r"%ALLUSERSPROFILE%\1C\1CEStart\1cestart.cfg"].after == (
        codecs.BOM_UTF16_LE + "CommonInfoBases=C:\\Lists\\all.v8i\r\n".encode("utf-16-le")
    )


def test_a_common_list_is_named_once_and_beside_others() -> None:
    settings = "/home/ann/.1C/1cestart/1cestart.cfg"
    files = {settings: b"CommonInfoBases=/old.v8i\nUseHwLicenses=0\n"}
    planned = plan(files, infobase(file="/a"), profiles=["/home/ann"], common_list="/srv/all.v8i")[settings]
    assert planned.after == files[settings] + b"CommonInfoBases=/srv/all.v8i\n"
    files[settings] = planned.after or b""
    assert not plan(files, infobase(file="/a"), profiles=["/home/ann"], common_list="/srv//all.v8i")[settings].changed


def test_a_common_list_stays_named_when_its_infobases_go() -> None:
    assert list(plan({}, infobase(), common_list="/srv/all.v8i", state="absent")) == ["/srv/all.v8i"]


@pytest.mark.parametrize(
    ("places", "path", "message"),
    [
        (LINUX, "/srv/all.v8i", "name the users by profiles"),
        (LINUX, "all.v8i", "write the whole path"),
        (WINDOWS, r"%ALLUSERSPROFILE%\all.v8i", "write the whole path"),
    ],
)
def test_a_common_list_that_cannot_be_named_is_refused(places: Places, path: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plan({}, infobase(file="/a"), places=places, common_list=path)


def test_the_answer_tells_what_the_lists_hold() -> None:
    answer = describe(plan({"/b": b"[Main]\nID=1\nFolder=/\nConnect=File=/a;Pwd=secret\n"}, infobase(), paths=["/b"]))
    entry = {"name": "Main", "id": "1", "connect": "File=/a;Pwd=(set)", "folder": "/"}
    assert answer == {"changed": False, "lists": [{"path": "/b", "changed": False, "infobases": [entry]}], "diff": []}


def test_the_diff_is_the_text_without_passwords() -> None:
    answer = describe({PATH: plan_one("[Old]\nConnect=File=/a;Pwd=secret\n", infobase("Old", folder="/"))})
    assert answer["diff"][0]["before_header"] == PATH
    assert answer["diff"][0]["before"] == "[Old]\nConnect=File=/a;Pwd=(set)\n"
    assert answer["diff"][0]["after"].startswith("[Old]\nConnect=File=/a;Pwd=(set)\nID=")


@given(st.lists(st.sampled_from(["[A]", "[B]", "ID=1", "x", "", "Folder=/Main"])), st.sampled_from(["\r\n", "\n"]))
def test_adding_and_removing_leaves_the_users_own_bytes(content: list[str], end: str) -> None:
    own = "".join(line + end for line in content)
    added = plan_one(own, infobase(file="/srv/main")).after or b""
    assert plan_one(added.decode(), infobase(), state="absent").after == own.encode()
