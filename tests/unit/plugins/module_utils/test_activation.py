# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways of an activation (docs/specification.md, sections 5 and 6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._activation import Order, activate
from ansible_collections.protect.licensing.plugins.module_utils._exchange import CenterError
from ansible_collections.protect.licensing.plugins.module_utils._licctl import LicctlError

KEY = {"key_number": "100-0001", "state": "active"}
DONE = {"changed": True, "key": KEY}
ORDER = Order("100-0001", None, {"key_number": "100-0001", "pin": "canary"})
PACK_ORDER = Order("100-0001", "P-1", {"key_number": "100-0001", "pack": "P-1", "password": "canary"})


def request(number: int = 1, pack: str | None = None) -> dict[str, Any]:
    return {"request_id": f"r{number}", "key_number": "100-0001", "pack": pack, "text": f"request {number}"}


class Server:
    """Plays ``licctl``: gives prepared answers by command, and notes what it was asked."""

    def __init__(self, **answers: object) -> None:
        self._answers = {"requests": {"requests": []}, **{name.replace("_", " "): one for name, one in answers.items()}}
        self.asked: list[tuple[str, Any]] = []

    def call(self, *words: str, request: Mapping[str, object] | None = None) -> Any:
        command = " ".join(words).replace(" --request -", "")
        self.asked.append((command, request))
        answer = self._answers[command]
        if isinstance(answer, LicctlError):
            raise answer
        return answer

    @property
    def commands(self) -> list[str]:
        return [command for command, _request in self.asked]


class Hands:
    """Plays the courier."""

    def __init__(
        self, answer: str | None = None, *, writes: bool = True, center: Mapping[str, Any] | None = None
    ) -> None:
        self._answer, self._writes, self._center = answer, writes, center or {}
        self.kept: list[Any] = []

    def answer_to(self, request_id: str | None) -> str | None:
        return self._answer

    def keep(self, request: Mapping[str, Any], *, check_mode: bool) -> bool:
        self.kept += [] if check_mode else [request]
        return self._writes

    def exchange(self, request: str) -> str:
        answer = self._center[request]
        if isinstance(answer, CenterError):
            raise answer
        return str(answer)


def run(
    server: Server, method: str, hands: Hands | None = None, *, order: Order = ORDER, **options: Any
) -> dict[str, Any]:
    check_mode = options.pop("check_mode", False)
    wanted = {"method": method, "anew": False, "phone_blocks": None, **options}
    return activate(server, order, wanted, hands, check_mode=check_mode)  # type: ignore[arg-type]


def test_online_is_one_question() -> None:
    server = Server(key_activate=DONE)
    assert run(server, "online") == DONE
    assert server.asked == [("key activate", ORDER.content)]


def test_a_pack_is_asked_for_by_its_own_command() -> None:
    assert run(Server(pack_activate=DONE), "online", order=PACK_ORDER) == DONE


@pytest.mark.parametrize(("order", "spends", "what"), [(ORDER, "pin", "one PIN"), (PACK_ORDER, "pack", "the pack")])
@pytest.mark.parametrize("method", ["online", "relay"])
def test_check_mode_says_what_would_be_spent(method: str, order: Order, spends: str, what: str) -> None:
    server = Server()
    answer = run(server, method, Hands(), order=order, check_mode=True)
    assert (answer["changed"], answer["spends"], answer["note"]) == (True, spends, f"A real run would spend {what}.")
    assert server.commands == ["requests"]


def test_check_mode_knows_that_a_request_under_way_may_have_been_paid_for() -> None:
    waiting = {"requests": [request(pack="P-1"), {**request(), "key_number": "100-0002"}, request()]}
    assert "unless the center has answered" in run(Server(requests=waiting), "online", check_mode=True)["note"]


def test_a_file_request_is_made_and_kept() -> None:
    server, hands = Server(key_request={"request": request()}), Hands()
    answer = run(server, "file", hands)
    assert (answer["changed"], answer["request"]["text"], hands.kept) == (True, "request 1", [request()])
    assert server.commands == ["requests", "key request"]


def test_a_file_request_under_way_is_shown_again_without_a_change() -> None:
    server = Server(requests={"requests": [request()]}, key_request={"request": request()})
    assert run(server, "file", Hands(writes=False))["changed"] is False


def test_a_lost_request_file_is_written_again() -> None:
    server = Server(requests={"requests": [request()]}, key_request={"request": request()})
    assert run(server, "file", Hands(writes=True))["changed"] is True


def test_a_request_is_made_anew_where_that_is_said() -> None:
    server = Server(requests={"requests": [request()]}, **{"key_request_--anew": {"request": request(2)}})
    assert run(server, "file", Hands("old answer", writes=False), anew=True)["changed"] is True


def test_an_answer_that_is_there_is_loaded() -> None:
    server = Server(load=DONE)
    assert run(server, "file", Hands("answer")) == DONE
    assert server.asked[-1] == ("load", {"text": "answer"})


def test_an_answer_that_was_loaded_before_is_passed_over() -> None:
    server = Server(load=LicctlError("answer_used", "used"), key_request={"request": request()})
    assert run(server, "file", Hands("answer"))["request"] == request()


def test_a_foreign_answer_is_refused() -> None:
    with pytest.raises(LicctlError, match="foreign"):
        run(Server(load=LicctlError("foreign_answer", "foreign")), "file", Hands("answer"))


def test_what_became_active_meanwhile_needs_no_request() -> None:
    nothing = {"changed": False, "key": KEY, "request": None}
    for method in ("file", "relay", "phone"):
        assert run(Server(key_request=nothing), method, Hands()) == nothing


@pytest.mark.parametrize(
    ("waiting", "hands", "changed", "note"),
    [
        ([], Hands(), True, "would make a request. The center spends one PIN when it answers it"),
        ([request()], Hands(writes=False), False, "waits for its answer"),
        ([request()], Hands(writes=True), True, "waits for its answer"),
        ([request()], Hands("answer"), True, "would load the answer"),
    ],
)
def test_check_mode_of_a_file_makes_no_request_and_loads_nothing(
    waiting: list[Any], hands: Hands, changed: bool, note: str
) -> None:
    server = Server(requests={"requests": waiting})
    answer = run(server, "file", hands, check_mode=True)
    assert (answer["changed"], server.commands, hands.kept) == (changed, ["requests"], [])
    assert note in answer["note"]


def test_a_relay_carries_request_and_answer() -> None:
    server = Server(key_request={"request": request()}, load=DONE)
    assert run(server, "relay", Hands(center={"request 1": "answer"})) == DONE
    assert server.asked[-1] == ("load", {"text": "answer"})


def test_a_relay_asks_anew_where_an_earlier_request_was_refused_for_good() -> None:
    server = Server(
        requests={"requests": [request()]},
        key_request={"request": request()},
        load=DONE,
        **{"key_request_--anew": {"request": request(2)}},
    )
    wrong = CenterError("wrong_pin", "the PIN is wrong")
    assert run(server, "relay", Hands(center={"request 1": wrong, "request 2": "answer"})) == DONE


def test_a_relay_asks_once_where_its_own_request_is_refused() -> None:
    server = Server(key_request={"request": request()})
    with pytest.raises(CenterError, match="the PIN is wrong"):
        run(server, "relay", Hands(center={"request 1": CenterError("wrong_pin", "the PIN is wrong")}))


@pytest.mark.parametrize("code", ["center_unreachable", "too_many_attempts"])
def test_a_relay_keeps_a_request_that_the_center_did_not_decide(code: str) -> None:
    server = Server(requests={"requests": [request()]}, key_request={"request": request()})
    with pytest.raises(CenterError) as caught:
        run(server, "relay", Hands(center={"request 1": CenterError(code, "not now")}))
    assert (caught.value.code, server.commands) == (code, ["requests", "key request"])


def test_a_phone_request_has_a_code_and_a_number() -> None:
    phone = {"code": "1234 5678", "number": "+7 495"}
    answer = run(Server(key_request={"request": request(), "phone": phone}), "phone")
    assert (answer["changed"], answer["phone"], answer["request"]) == (True, phone, request())


def test_a_key_without_a_ticket_is_refused_by_phone() -> None:
    with pytest.raises(LicctlError, match="cannot be activated by telephone") as caught:
        run(Server(key_request={"request": request(), "phone": None}), "phone")
    assert caught.value.code == "no_ticket"


def test_blocks_of_the_desk_are_loaded() -> None:
    server = Server(load=DONE)
    assert run(server, "phone", phone_blocks="1-2-3") == DONE
    assert server.asked == [("load", {"key_number": "100-0001", "blocks": "1-2-3"})]


@pytest.mark.parametrize(("blocks", "note"), [("1-2-3", "would load"), (None, "would make a request")])
def test_check_mode_of_the_phone_neither_asks_nor_loads(blocks: str | None, note: str) -> None:
    server = Server()
    assert note in run(server, "phone", phone_blocks=blocks, check_mode=True)["note"]
    assert "load" not in server.commands


def test_nobody_carries_without_the_control_node() -> None:
    with pytest.raises(ValueError, match="method relay: the control node has a part in it"):
        run(Server(), "relay")
