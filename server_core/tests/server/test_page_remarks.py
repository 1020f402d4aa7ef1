# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pages say of keys, alarms and events."""

from typing import Any

import pytest

from licserver.errors import LicensingError
from licserver.pages.languages import load
from licserver.remarks import Remark, remark
from licserver.server.web.pages.remarks import ALARMS, REMARKS, alarm_name, more_of, said, why_unreadable

ENGLISH, RUSSIAN = load("en"), load("ru")
WITH_PARTICULARS = [
    (remark("another_name", "from {now} to {wanted}", now="a", wanted="b"), "b, а не a"),
    (remark("another_card", "{first}, {now}", first="eth1", now="eth0"), "eth1 может оказаться раньше eth0"),
    (remark("clock_set_back", "{seconds}", seconds=90), "Назад на 90 с."),
    (remark("key_expires", "{days}", days=3), "Осталось дней: 3."),
    (Remark("other_computer", "", {"facts": "disk, board"}), "Отличается: системный диск, материнская плата."),
    (Remark("unreadable_fact", "", {"facts": "board", "problem": "denied"}), "материнская плата (denied)"),
    (
        Remark("unreadable_fact", "", {"facts": "disk", "problem": "x", "why": "forbidden", "source": "wwid"}),
        "системный диск (wwid: у сервера нет права это прочитать)",
    ),
]


def russian(one: Remark) -> str:
    return said(RUSSIAN, one.code, one.details, one.text)


@pytest.mark.parametrize(("one", "words"), WITH_PARTICULARS, ids=[one.code for one, _ in WITH_PARTICULARS])
def test_a_remark_is_told_by_its_code_and_particulars(one: Remark, words: str) -> None:
    assert words in russian(one)


@pytest.mark.parametrize("code", [code for code, words in REMARKS.items() if words])
def test_every_remark_is_told_in_both_languages(code: str) -> None:
    names = {name.partition(")")[0] for name in REMARKS[code].split("%(")[1:]}
    told = {texts: said(texts, code, dict.fromkeys(names, "<7>"), "") for texts in (ENGLISH, RUSSIAN)}

    assert told[ENGLISH] != told[RUSSIAN]
    assert all("&lt;7&gt;" in text or not names for text in told.values())


@pytest.mark.parametrize(
    "one", [Remark("of_a_later_release", "it <is> so"), Remark("another_name", "it <is> so", {"other": 1})]
)
def test_what_has_no_words_here_is_told_in_english(one: Remark) -> None:
    assert russian(one) == '<span lang="en">it &lt;is&gt; so</span>'


@pytest.mark.parametrize(
    ("why", "words"), [("no_card", "device: сетевой карты нет"), ("", '<span lang="en">device: odd</span>')]
)
def test_a_fact_that_cannot_be_read_says_why(why: str, words: str) -> None:
    assert why_unreadable(RUSSIAN, {"why": why, "source": "device", "problem": "device: odd"}) == words


def test_a_refusal_is_a_remark() -> None:
    error = LicensingError("bad_block", "blocks", hint="Again", details={"blocks": ["1", "2"], "where": "here"})

    assert Remark.of(error) == Remark("bad_block", "blocks. Again", {"blocks": "1, 2", "where": "here"})


@pytest.mark.parametrize("code", ALARMS)
def test_every_alarm_has_a_heading(code: str) -> None:
    assert alarm_name(RUSSIAN, {"code": code, "subject": "1"}) != alarm_name(ENGLISH, {"code": code, "subject": "1"})


@pytest.mark.parametrize(
    ("event", "english", "russian"),
    [
        (
            {"kind": "alarm", "code": "clock_jumped", "subject": "", "remark": "clock_set_forward", "seconds": 5},
            "The clock of the server&#39;s computer was set. Forward by 5 seconds.",
            "Часы компьютера сервера были переведены. Вперёд на 5 с.",
        ),
        (
            {"kind": "alarm_ended", "code": "disk_full", "subject": ""},
            "The disk of the server is full: no license is given",
            "Диск сервера полон: лицензии не выдаются",
        ),
        ({"kind": "alarm", "code": "new", "message": "so"}, 'new. <span lang="en">so</span>', None),
        ({"kind": "key_lost", "reason": "x", "remark": "file_gone"}, "Its file is gone.", "Его файла больше нет."),
        ({"kind": "key_lost", "reason": "of an earlier release"}, '<span lang="en">of an earlier release</span>', None),
        (
            {"kind": "denied", "code": "no_key", "reason": "nothing for it", "product": "<b>"},
            '<span lang="en">nothing for it</span>',
            "на этом сервере нет ключа для этого клиента: &lt;b&gt;",
        ),
        (
            {"kind": "denied", "code": "no_free_license", "reason": "of an earlier release", "product": "x"},
            '<span lang="en">of an earlier release</span>',
            None,
        ),
        ({"kind": "denied", "code": "bad_message", "reason": "x"}, '<span lang="en">x</span>', None),
        ({"kind": "key_changed", "changes": "access_code, use"}, "access code, use", "код доступа, использование"),
        ({"kind": "moved", "from_key": "A", "product": "x"}, "from the key A", "с ключа A"),
        ({"kind": "freed", "by": "lapse", "product": "retail"}, "ran out", "истекла"),
        ({"kind": "granted", "product": "<b>"}, "&lt;b&gt;", None),
        ({"kind": "settings_changed", "names": "port"}, "port", None),
        ({"kind": "server_stopped"}, "", None),
    ],
)
def test_an_event_says_more(event: dict[str, Any], english: str, russian: str | None) -> None:
    assert (more_of(ENGLISH, event), more_of(RUSSIAN, event)) == (english, russian or english)
