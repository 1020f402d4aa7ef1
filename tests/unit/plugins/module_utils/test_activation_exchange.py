# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder of requests is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._activation_exchange import answer_requests
from ansible_collections.protect.licensing.plugins.module_utils._exchange import CenterError
from ansible_collections.protect.licensing.tests.unit.plugins.carried import answer, request


class Center:
    """Answers every request, but for those that it refuses; notes what it was asked."""

    def __init__(self, **refused: CenterError) -> None:
        self._refused = refused
        self.asked: list[str] = []

    def __call__(self, text: str) -> str:
        number = next(number for number in range(1, 10) if text.startswith(request(number)))
        self.asked.append(f"r{number}")
        if f"r{number}" in self._refused:
            raise self._refused[f"r{number}"]
        return answer(number)


@pytest.fixture
def options(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "requests").mkdir()
    for number in (1, 2, 3):
        (tmp_path / "requests" / f"{number}.request").write_text(request(number))
    return {"requests": str(tmp_path / "requests"), "answers": str(tmp_path / "answers")}


def states(told: dict[str, Any]) -> list[str]:
    return [one["state"] for one in told["requests"]]


def test_every_request_is_answered_once(options: dict[str, Any], tmp_path: Path) -> None:
    center = Center()
    told = answer_requests(options, center, check_mode=False)
    assert (told["changed"], states(told), center.asked) == (True, ["answered"] * 3, ["r1", "r2", "r3"])
    assert (tmp_path / "answers" / "2.answer").read_text() == answer(2)
    again = answer_requests(options, center, check_mode=False)
    assert (again["changed"], states(again), len(center.asked)) == (False, ["answered"] * 3, 3)


def test_an_answer_that_came_by_mail_counts(options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "Re: key.txt").write_text(answer(2))
    center = Center()
    told = answer_requests(options, center, check_mode=False)
    assert (center.asked, told["requests"][1]["answer"]) == (["r1", "r3"], str(tmp_path / "answers" / "Re: key.txt"))


def test_one_that_is_refused_stops_no_other(options: dict[str, Any]) -> None:
    told = answer_requests(options, Center(r1=CenterError("wrong_pin", "the PIN is wrong")), check_mode=False)
    assert (told["failed"], told["code"], states(told)) == (True, "refused", ["refused", "answered", "answered"])
    assert told["msg"].endswith("1.request: the PIN is wrong")
    assert told["requests"][0]["code"] == "wrong_pin"


@pytest.mark.parametrize("code", ["center_unreachable", "too_many_requests"])
def test_a_center_that_does_not_answer_is_left_in_peace(options: dict[str, Any], code: str) -> None:
    center = Center(r2=CenterError(code, "no answer"))
    told = answer_requests(options, center, check_mode=False)
    assert (told["code"], told["changed"], center.asked) == (code, True, ["r1", "r2"])
    assert states(told) == ["answered", "waiting", "waiting"]


def test_check_mode_counts_what_would_be_spent(options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "requests" / "4.request").write_text(request(4, pack="P-1"))
    center = Center()
    told = answer_requests(options, center, check_mode=True)
    assert (told["changed"], told["spends"], center.asked) == (True, {"pins": 3, "packs": 1}, [])
    assert not (tmp_path / "answers").exists()


def test_no_request_is_no_work(tmp_path: Path) -> None:
    told = answer_requests({"requests": str(tmp_path), "answers": str(tmp_path)}, Center(), check_mode=True)
    assert told == {"changed": False, "requests": []}
