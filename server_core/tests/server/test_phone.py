# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation by telephone at a running server: the code that it shows, the blocks that are typed."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from licserver.activation.carried import write_answer
from licserver.armor import dearmor
from licserver.center.answering import KeyRecord
from licserver.center.authority import read_authority
from licserver.center.phone import PhoneCall, PhoneSecrets
from licserver.documents import seal
from server_core.tests.center.helpers import DESK, SERVER
from server_core.tests.helpers import KEY, PRODUCT, Computer
from server_core.tests.running import ServerThread
from server_core.tests.server.branch import CATALOG, Branch


class Line:
    """A branch that has a telephone and a kit with a ticket."""

    def __init__(self, branch: Branch, kit: Any) -> None:
        self.branch = branch
        self.kit = kit

    def request(self, pin: str = "1111-1111", **more: Any) -> Any:
        status, answer = self.branch.post("requests", key_number=KEY, pin=pin, kit=self.kit, **more)
        assert status == 200, answer
        return answer["request"]

    def call(self, code: str, pin: str = "1111-1111") -> str:
        return self.branch.issuer.answer_phone(PhoneCall(key_number=KEY, pin=pin, code=code), DESK)

    def type(self, blocks: str, key_number: str = KEY) -> Any:
        status, answer = self.branch.post("answers", key_number=key_number, blocks=blocks)
        assert status == 200, answer
        return answer

    def refused(self, blocks: str, key_number: str = KEY) -> str:
        status, answer = self.branch.post("answers", key_number=key_number, blocks=blocks)
        assert status == 409, answer
        code: str = answer["error"]["code"]
        return code


@pytest.fixture
def line(branch: Branch, tmp_path: Path) -> Line:
    authority, product = read_authority(tmp_path / "center"), CATALOG.products[0]
    record = KeyRecord(KEY, PRODUCT, product.name, product.counters, "pins", None, 1, "", True, product.pins)
    ticket = PhoneSecrets(authority.pepper).kit_ticket(record, "Vendor", partial(seal, signer=authority.vendor))
    return Line(branch, {**branch.kit, "phone": "+7 495 000", "tickets": {KEY: msgspec.to_builtins(ticket)}})


def test_blocks_typed_in_any_grouping_activate_the_key(line: Line) -> None:
    phone = line.request()["phone"]

    typed = line.type(line.call(phone["code"]).replace(" ", "-"))

    assert phone["number"] == "+7 495 000"
    assert (typed["changed"], typed["key"]["state"]) == (True, "active")
    with line.branch.server.client() as client:
        assert client.take().lease
    assert line.branch.center.asked == []


def test_the_key_works_after_a_restart(line: Line) -> None:
    line.type(line.call(line.request()["phone"]["code"]))

    line.branch.server.restart()

    with line.branch.server.client() as client:
        assert client.take().lease


def test_the_code_stays_the_same_until_it_is_answered(line: Line) -> None:
    assert line.request()["phone"] == line.request()["phone"]
    headers = {"Authorization": f"Bearer {line.branch.server.token}"}
    _, listed = line.branch.server.http("GET", "/api/v1/requests", **headers)
    assert [one["phone"] for one in listed["requests"]] == [line.request()["phone"]]


def test_a_kit_with_a_ticket_that_comes_later_gives_the_request_under_way_a_code(line: Line) -> None:
    status, answer = line.branch.post("requests", key_number=KEY, pin="1111-1111", kit=line.branch.kit)
    without = answer["request"]

    with_ticket = line.request()

    assert (status, without["phone"]) == (200, None)
    assert with_ticket["request_id"] == without["request_id"]
    assert line.type(line.call(with_ticket["phone"]["code"]))["changed"]


def test_a_misheard_block_is_named_and_the_right_ones_still_load(line: Line) -> None:
    blocks = line.call(line.request()["phone"]["code"]).split(" ")
    wrong = ("1" if blocks[2][0] != "1" else "2") + blocks[2][1:]

    status, answer = line.branch.post("answers", key_number=KEY, blocks=" ".join([*blocks[:2], wrong]))

    assert (status, answer["error"]["code"]) == (409, "bad_block")
    assert "block 3 is misheard" in answer["error"]["message"]
    assert line.type(" ".join(blocks))["changed"]


def test_an_answer_is_typed_once(line: Line) -> None:
    blocks = line.call(line.request()["phone"]["code"])
    line.type(blocks)

    assert line.refused(blocks) == "foreign_answer"


def test_on_another_server_the_answer_opens_nothing(line: Line, make_server: Callable[..., ServerThread]) -> None:
    blocks = line.call(line.request()["phone"]["code"])
    other = Line(line.branch.beside(make_server("other").start()), line.kit)

    assert other.refused(blocks) == "foreign_answer"
    other.request()
    assert other.refused(blocks) == "bad_answer"
    assert line.type(blocks)["changed"]


def test_the_same_request_may_go_by_file_after_all(line: Line) -> None:
    request = line.request()
    answer = write_answer(line.branch.issuer.answer(dearmor(request["text"])["REQUEST"], SERVER))

    status, loaded = line.branch.post("answers", text=answer)

    assert (status, loaded["changed"]) == (200, True)


def test_a_pack_raises_a_key_that_was_activated_by_telephone(line: Line) -> None:
    line.type(line.call(line.request()["phone"]["code"]))
    with line.branch.server.client() as client:
        client.take()

        status, answer = line.branch.pack()

        assert (status, answer["key"]["counters"][0]["limit"]) == (200, 5)


def test_after_a_repair_the_key_is_activated_again_online(line: Line, computer: Computer) -> None:
    line.type(line.call(line.request()["phone"]["code"]))
    computer.facts["disk"] = "another"

    status, answer = line.branch.activate("2222-2222", reactivate=True)

    assert (status, answer["key"]["state"]) == (200, "active")


def test_an_answer_does_not_break_a_key_that_works_again(line: Line, computer: Computer) -> None:
    line.branch.activate()
    computer.facts["disk"] = "another"
    blocks = line.call(line.request("2222-2222", reactivate=True)["phone"]["code"], "2222-2222")
    computer.facts["disk"] = "first disk"

    assert line.refused(blocks) == "other_computer"


def test_tickets_do_not_stay_in_the_state_of_a_server(line: Line) -> None:
    line.type(line.call(line.request()["phone"]["code"]))

    kept = b"".join(path.read_bytes() for path in (line.branch.server.state / "kits").iterdir())

    assert b"sealed_signers" not in kept


@pytest.mark.parametrize("content", [{"key_number": KEY, "blocks": 7}, {"blocks": "1"}, {"key_number": KEY}, {}])
def test_what_is_no_answer_is_not_understood(branch: Branch, content: dict[str, Any]) -> None:
    assert branch.post("answers", **content)[0] == 400


@pytest.mark.parametrize("ticket", [{}, {"token": "x", "sealed_signers": []}, {"token": "", "sealed_signers": 1}])
def test_a_kit_with_a_ticket_that_is_none_is_refused(line: Line, ticket: Any) -> None:
    kit = {**line.kit, "tickets": {KEY: ticket}}

    status, answer = line.branch.post("requests", key_number=KEY, pin="1", kit=kit)

    assert (status, answer["error"]["code"]) == (409, "bad_kit")
