# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by files that people carry: the request to the center, the answer back to the same server."""

from collections.abc import Callable
from typing import Any

import pytest

from licserver.activation.carried import write_answer
from licserver.armor import dearmor
from server_core.tests.center.helpers import SERVER
from server_core.tests.helpers import KEY, Computer
from server_core.tests.running import ServerThread
from server_core.tests.server.branch import Branch


class Carrier:
    """Carries files between a branch and the center."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch

    def request(self, pin: str = "1111-1111", **more: Any) -> Any:
        return self.ask(key_number=KEY, pin=pin, kit=self.branch.kit, **more)

    def pack_request(self, pack: str = "P-1", **more: Any) -> Any:
        return self.ask(key_number=KEY, pack=pack, password="abcd-1234", **more)

    def ask(self, **order: Any) -> Any:
        status, answer = self.branch.post("requests", **order)
        assert status == 200, answer
        return answer["request"]

    def answer(self, request: Any) -> str:
        """What the center makes of a request file."""
        return write_answer(self.branch.issuer.answer(dearmor(request["text"])["REQUEST"], SERVER))

    def load(self, text: str) -> Any:
        status, answer = self.branch.post("answers", text=text)
        assert status == 200, answer
        return answer

    def refused(self, text: str) -> str:
        status, answer = self.branch.post("answers", text=text)
        assert status == 409
        code: str = answer["error"]["code"]
        return code

    def waiting(self) -> list[str]:
        headers = {"Authorization": f"Bearer {self.branch.server.token}"}
        _, answer = self.branch.server.http("GET", "/api/v1/requests", **headers)
        return [request["request_id"] for request in answer["requests"]]


@pytest.fixture
def carrier(branch: Branch) -> Carrier:
    return Carrier(branch)


def test_a_request_file_says_what_it_is_and_where_to_send_it(carrier: Carrier) -> None:
    request = carrier.request(company={"name": "ООО Ромашка"})

    lines = request["text"].splitlines()
    assert lines[:3] == ["Protect activation request", f"Key number: {KEY}", "Company: ООО Ромашка"]
    assert f"Upload this file at {carrier.branch.center.url}." in lines
    assert request["send_to"]["url"] == carrier.branch.center.url
    assert carrier.branch.center.asked == []


def test_the_answer_activates_the_key_without_any_way_to_the_center(carrier: Carrier) -> None:
    loaded = carrier.load(carrier.answer(carrier.request()))

    assert (loaded["changed"], loaded["key"]["state"]) == (True, "active")
    assert carrier.waiting() == []
    with carrier.branch.server.client() as client:
        assert client.take().lease


def test_the_pin_is_not_in_the_file(carrier: Carrier) -> None:
    assert "WXYZWXYZ" not in carrier.request(pin="WXYZWXYZ")["text"]


def test_asked_again_it_is_the_same_request(carrier: Carrier) -> None:
    assert carrier.request()["text"] == carrier.request()["text"]


def test_a_new_request_can_be_wanted_and_the_answer_to_the_old_one_is_refused_then(carrier: Carrier) -> None:
    old = carrier.request()
    new = carrier.request(pin="2222-2222", anew=True)

    assert carrier.waiting() == [new["request_id"]]
    assert carrier.refused(carrier.answer(old)) == "foreign_answer"
    assert carrier.load(carrier.answer(new))["changed"]


def test_an_answer_is_loaded_once(carrier: Carrier) -> None:
    answer = carrier.answer(carrier.request())
    carrier.load(answer)

    assert carrier.refused(answer) == "answer_used"


def test_on_another_server_an_answer_is_refused(
    carrier: Carrier, branch: Branch, make_server: Callable[..., ServerThread]
) -> None:
    answer = carrier.answer(carrier.request())
    other = branch.beside(make_server("other").start())

    assert Carrier(other).refused(answer) == "foreign_answer"
    assert carrier.load(answer)["changed"]


def test_after_the_hardware_changed_meanwhile_the_answer_makes_a_key_that_says_so(
    carrier: Carrier, computer: Computer
) -> None:
    answer = carrier.answer(carrier.request())
    computer.facts["board"] = "another"

    assert carrier.refused(answer) == "broken_key"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: "hello",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("Key number: 100-0001", "Key number: 100-0002"),
        lambda text: text.replace("LICENSE", "REQUEST"),
        lambda text: text.replace("LICENSE-----\n", "LICENSE-----\nA", 1),
    ],
)
def test_a_spoiled_answer_is_refused_and_the_whole_one_still_loads(
    carrier: Carrier, spoil: Callable[[str], str]
) -> None:
    answer = carrier.answer(carrier.request())

    assert carrier.refused(spoil(answer)) in ("bad_answer", "bad_document", "bad_kit")
    assert carrier.load(answer)["changed"]


def test_an_answer_whose_license_was_altered_is_refused(carrier: Carrier) -> None:
    answer = carrier.answer(carrier.request())
    token = dearmor(answer)["LICENSE"]
    forged = token[:-8] + ("A" * 8 if not token.endswith("A" * 8) else "B" * 8)

    assert carrier.refused(write_answer(forged)) == "bad_document"


def test_an_answer_may_come_with_other_line_ends(carrier: Carrier) -> None:
    answer = carrier.answer(carrier.request())

    assert carrier.load(answer.replace("\n", "\r\n"))["changed"]


def test_a_request_that_went_by_file_may_still_go_online(carrier: Carrier) -> None:
    request = carrier.request()

    carrier.branch.activate()

    assert carrier.branch.center.asked == [dearmor(request["text"])["REQUEST"]]
    assert carrier.refused(carrier.answer(request)) == "answer_used"


def test_for_an_active_key_there_is_nothing_to_ask(carrier: Carrier) -> None:
    carrier.branch.activate()

    assert carrier.request() is None


def test_a_broken_key_is_asked_for_again_only_when_told_so(carrier: Carrier, computer: Computer) -> None:
    carrier.branch.activate()
    computer.facts["board"] = "another"

    status, answer = carrier.branch.post("requests", key_number=KEY, pin="2222-2222", kit=carrier.branch.kit)
    assert (status, answer["error"]["code"]) == (409, "reactivation_needed")
    assert carrier.load(carrier.answer(carrier.request(pin="2222-2222", reactivate=True)))["changed"]


class TestPack:
    @pytest.fixture(autouse=True)
    def active(self, branch: Branch) -> None:
        branch.activate()

    def test_it_is_asked_for_while_the_product_runs_and_loaded_later(self, carrier: Carrier) -> None:
        with carrier.branch.server.client() as client:
            client.take()
            request = carrier.pack_request()

        loaded = carrier.load(carrier.answer(request))

        assert request["text"].splitlines()[:3] == ["Protect pack request", "Pack: P-1", f"Key number: {KEY}"]
        assert loaded["key"]["counters"][0]["limit"] == 5

    def test_without_a_running_product_nothing_can_be_asked(self, branch: Branch) -> None:
        status, answer = branch.post("requests", key_number=KEY, pack="P-1", password="abcd-1234")

        assert (status, answer["error"]["code"]) == (409, "no_license_held")

    def test_answers_in_the_wrong_order_lose_nothing(self, carrier: Carrier) -> None:
        with carrier.branch.server.client() as client:
            client.take()
            one, other = carrier.pack_request("P-1"), carrier.pack_request("P-2")
        first, second = carrier.answer(one), carrier.answer(other)

        assert carrier.load(second)["key"]["counters"][0]["limit"] == 8
        assert carrier.refused(first) == "old_answer"

    def test_the_pack_of_an_active_one_is_nothing_to_ask(self, carrier: Carrier) -> None:
        with carrier.branch.server.client() as client:
            client.take()
            carrier.branch.pack()

            assert carrier.pack_request() is None

    def test_a_key_that_was_reactivated_since_does_not_take_the_answer(
        self, carrier: Carrier, computer: Computer
    ) -> None:
        with carrier.branch.server.client() as client:
            client.take()
            answer = carrier.answer(carrier.pack_request())
        computer.facts["board"] = "another"
        carrier.branch.activate(pin="2222-2222", reactivate=True)

        assert carrier.refused(answer) == "bad_answer"
