# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``infobase`` on a Windows target."""

from __future__ import annotations

ANN, BOB = (rf"C:\Users\{name}\AppData\Roaming\1C\1CEStart\ibases.v8i" for name in ("ann", "bob"))
PROFILES = [r"C:\Users\ann", r"C:\Users\bob"]
INFOBASES = [{"name": "Main", "server": "srv", "reference": "main"}, {"name": "Demo", "file": r"C:\Demo"}]


def test_infobases_are_added_to_the_lists_of_users(run_action, target) -> None:
    target.disk[BOB] = b"\xff\xfe" + "[Моя]\r\nID=1\r\n".encode("utf-16-le")
    answer = run_action("infobase", profiles=PROFILES, infobases=INFOBASES)
    assert [entry["changed"] for entry in answer["lists"]] == [True, True]
    assert target.disk[ANN].startswith(b'\xef\xbb\xbf[Main]\r\nConnect=Srvr="srv";Ref="main";\r\nID=')
    assert target.disk[BOB].decode("utf-16").startswith("[Моя]\r\nID=1\r\n[Main]\r\n")


def test_lists_as_declared_cost_one_call_each(run_action, target) -> None:
    run_action("infobase", profiles=PROFILES, infobases=INFOBASES)
    target.calls.clear()
    assert run_action("infobase", profiles=PROFILES, infobases=INFOBASES)["changed"] is False
    assert target.modules == ["slurp", "slurp"]


def test_check_mode_tells_and_writes_nothing(run_action, target) -> None:
    answer = run_action("infobase", check_mode=True, profiles=PROFILES, infobases=INFOBASES)
    assert answer["changed"] is True
    assert answer["diff"][0]["after"].startswith("[Main]\r\n")
    assert target.disk == {}


def test_absent_leaves_the_users_own(run_action, target) -> None:
    target.disk[ANN] = b"[Mine]\r\nID=1\r\n[Main]\r\nID=2\r\n"
    run_action("infobase", profiles=PROFILES[:1], infobases=[{"name": "Main"}], state="absent")
    assert target.disk[ANN] == b"[Mine]\r\nID=1\r\n"


def test_a_common_list_is_registered(run_action, target) -> None:
    run_action("infobase", common_list=r"C:\Lists\all.v8i", infobases=INFOBASES)
    settings = target.disk[r"%ALLUSERSPROFILE%\1C\1CEStart\1cestart.cfg"]
    assert settings.decode("utf-16") == "CommonInfoBases=C:\\Lists\\all.v8i\r\n"


def test_a_bad_list_is_named_and_no_list_is_written(run_action, target) -> None:
    target.disk[BOB] = b"\0"
    answer = run_action("infobase", profiles=PROFILES, infobases=INFOBASES)
    assert answer["failed"] is True
    assert answer["msg"].startswith(f"{BOB}: not text in UTF-8")
    assert list(target.disk) == [BOB]


def test_wrong_options_are_refused(run_action, target) -> None:
    answer = run_action("infobase", profiles=PROFILES, infobases=[{"name": "Main", "server": "srv"}])
    assert "required together: server, reference" in answer["msg"]
    assert target.calls == []
