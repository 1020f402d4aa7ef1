# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Online activation: interrupted anywhere, it is finished by the same order for the same PIN."""

import asyncio
import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from licserver.activation import ActivationError
from licserver.documents import ActivationRequest, DocumentError, open_self_signed, seal
from licserver.errors import LicensingError
from licserver.keys.keyring import KeyFolder
from licserver.kit import Kit, KitError
from licserver.sealing import unseal
from licserver.server.activate import ActivationOrder, Activator
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import ServerThread

Answer = Callable[[str], tuple[int, bytes] | None]


class Center:
    """An activation center of one page, which a test can have refuse, fail, or hang up without an answer."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.asked: list[str] = []
        self.pins: list[str] = []
        self.answer: Answer = self.license
        center = self

        class Page(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["content-length"])).decode()
                center.asked.append(request)
                answer = center.answer(request)
                if answer is not None:
                    self.send_response(answer[0])
                    self.end_headers()
                    self.wfile.write(answer[1])

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        self.http = HTTPServer(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    @property
    def kit(self) -> Kit:
        return msgspec.structs.replace(self.vendor.kit, center_url=self.url)

    def license(self, request: str) -> tuple[int, bytes]:
        """Answer as a center does."""
        content = open_self_signed(request, ActivationRequest)
        self.pins.append(unseal(self.vendor.exchange, content.sealed_pin, context=content.request_id).decode())
        pending = self.vendor.request(Computer())
        answered = msgspec.structs.replace(pending, content=content)
        return 200, seal(self.vendor.answer(answered), self.vendor.signer).encode()

    def refuse(self, status: int, code: str) -> None:
        error = {"code": code, "message": f"no: {code}", "hint": "Do something"}
        self.answer = lambda _: (status, json.dumps({"error": error}).encode())

    def say(self, status: int, body: bytes) -> None:
        self.answer = lambda _: (status, body)

    def lose_answers(self) -> None:
        """Do the work, and hang up."""

        def lost(request: str) -> None:
            self.license(request)

        self.answer = lost


@pytest.fixture
def center(vendor: Vendor) -> Iterator[Center]:
    made = Center(vendor)
    thread = Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


class Place:
    """A state folder in which keys are activated."""

    def __init__(self, state: Path, computer: Computer) -> None:
        self.state = state
        self.computer = computer
        self.folder = KeyFolder(state)
        self.activator = Activator(state, self.folder, computer)

    def activate(self, order: ActivationOrder) -> None:
        asyncio.run(self.activator.activate(order))

    def refused(self, order: ActivationOrder) -> LicensingError:
        with pytest.raises(LicensingError) as error:
            self.activate(order)
        return error.value

    def keys(self) -> list[tuple[str, str | None]]:
        return [(key.key_number, key.problem) for key in self.folder.attached(self.computer)]

    def requests(self) -> list[str]:
        return sorted(path.name for path in (self.state / "requests").iterdir())


@pytest.fixture
def place(tmp_path: Path, computer: Computer) -> Place:
    return Place(tmp_path, computer)


@pytest.fixture
def order(center: Center) -> ActivationOrder:
    return ActivationOrder(key_number=KEY, pin="1111-1111", kit=center.kit)


def test_an_activated_key_works_and_nothing_is_left_of_its_request(place: Place, order: ActivationOrder) -> None:
    place.activate(order)

    assert place.keys() == [(KEY, None)]
    assert place.requests() == []


def test_the_center_hears_the_pin_and_nobody_else(center: Center, place: Place, order: ActivationOrder) -> None:
    place.activate(order)

    assert center.pins == ["1111-1111"]
    assert "1111" not in center.asked[0]
    assert not any(b"1111-1111" in path.read_bytes() for path in place.state.rglob("*") if path.is_file())


def test_another_address_can_be_given_for_the_center(center: Center, place: Place, vendor: Vendor) -> None:
    place.activate(ActivationOrder(key_number=KEY, pin="1", kit=vendor.kit, center_url=f"{center.url}/"))

    assert place.keys() == [(KEY, None)]


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refusal_is_told_and_its_request_forgotten(
    center: Center, place: Place, order: ActivationOrder, status: int
) -> None:
    center.refuse(status, "wrong_pin")

    error = place.refused(order)

    assert (error.code, error.message, error.hint) == ("wrong_pin", "no: wrong_pin", "Do something")
    assert place.requests() == []
    assert place.keys() == []


def test_after_a_wrong_pin_the_right_one_is_asked_for_anew(
    center: Center, place: Place, order: ActivationOrder
) -> None:
    center.refuse(403, "wrong_pin")
    place.refused(order)
    center.answer = center.license

    place.activate(msgspec.structs.replace(order, pin="2222-2222"))

    assert center.pins == ["2222-2222"]


def test_while_the_center_is_down_the_request_is_kept(place: Place, vendor: Vendor) -> None:
    error = place.refused(ActivationOrder(key_number=KEY, pin="1", kit=vendor.kit, center_url="http://127.0.0.1:9"))

    assert error.code == "center_unreachable"
    assert "http://127.0.0.1:9" in error.message
    assert "no PIN is lost" in error.hint
    assert place.requests() == [f"{KEY}.json"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"Internal Server Error"),
        (502, b"<html>Bad Gateway</html>"),
        (404, b"<html>no such page</html>"),
        (503, b'{"error":{"code":"busy","message":"m","hint":""}}'),
        (200, b"<html>please log in to this network</html>"),
        (200, b""),
        (200, b"\xff\xfe"),
        (302, b""),
    ],
)
def test_an_answer_that_is_none_costs_nothing(
    center: Center, place: Place, order: ActivationOrder, status: int, body: bytes
) -> None:
    center.say(status, body)
    place.refused(order)
    center.answer = center.license

    place.activate(order)

    assert center.asked[0] == center.asked[1]
    assert place.keys() == [(KEY, None)]


def test_after_a_lost_answer_the_very_same_request_is_sent(
    center: Center, place: Place, order: ActivationOrder
) -> None:
    center.lose_answers()
    assert place.refused(order).code == "center_unreachable"
    center.answer = center.license

    place.activate(order)

    assert len(center.asked) == 2
    assert center.asked[0] == center.asked[1]


def test_a_kept_request_that_is_refused_makes_room_for_a_new_one(
    center: Center, place: Place, order: ActivationOrder
) -> None:
    def only_the_right_pin(request: str) -> tuple[int, bytes]:
        answer = center.license(request)
        refusal = b'{"error":{"code":"wrong_pin","message":"no","hint":""}}'
        return answer if center.pins[-1] == "2222-2222" else (403, refusal)

    center.lose_answers()
    place.refused(msgspec.structs.replace(order, pin="wrong"))
    center.answer = only_the_right_pin

    place.activate(msgspec.structs.replace(order, pin="2222-2222"))

    assert center.pins == ["wrong", "wrong", "2222-2222"]
    assert place.keys() == [(KEY, None)]


def test_a_request_survives_a_restart(center: Center, place: Place, order: ActivationOrder) -> None:
    center.lose_answers()
    place.refused(order)
    center.answer = center.license

    Place(place.state, place.computer).activate(order)

    assert center.asked[0] == center.asked[1]
    assert place.keys() == [(KEY, None)]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"key_number":"\xff"}'])
def test_a_request_that_was_cut_on_disk_is_made_anew(
    center: Center, place: Place, order: ActivationOrder, content: bytes
) -> None:
    (place.state / "requests" / f"{KEY}.json").write_bytes(content)

    place.activate(order)

    assert place.keys() == [(KEY, None)]


def test_an_answer_for_another_computer_is_refused(center: Center, place: Place, order: ActivationOrder) -> None:
    other = center.vendor.answer(center.vendor.request(Computer()))
    center.say(200, seal(other, center.vendor.signer).encode())

    with pytest.raises(ActivationError, match="another request"):
        place.activate(order)

    assert place.keys() == []


def test_an_answer_that_the_vendor_did_not_sign_is_refused(
    center: Center, place: Place, order: ActivationOrder, stranger: Vendor
) -> None:
    pending = stranger.request(place.computer)
    center.say(200, seal(stranger.answer(pending), stranger.signer).encode())

    with pytest.raises((KitError, DocumentError)):
        place.activate(order)

    assert place.keys() == []


def test_a_computer_that_cannot_be_identified_spends_nothing(
    center: Center, place: Place, order: ActivationOrder
) -> None:
    del place.computer.facts["disk"]

    assert place.refused(order).code == "unreadable_fact"
    assert center.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"exchange_key": "nonsense"},
        {"vendor_keys": [{"kid": "../../evil", "x": "A" * 43}]},
        {"center_ca": "not a certificate"},
        {"center_ca": "сертификат"},
    ],
)
def test_a_kit_that_cannot_be_used_is_refused_before_anything_is_written(
    center: Center, place: Place, order: ActivationOrder, changes: dict[str, Any]
) -> None:
    bad = msgspec.convert(
        {**msgspec.to_builtins(order), "kit": {**msgspec.to_builtins(order.kit), **changes}}, ActivationOrder
    )

    assert place.refused(bad).code == "bad_kit"
    assert center.asked == []
    assert [path for path in place.state.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "nonsense", "http://[", "http://127.0.0.1:99999"])
def test_an_address_that_makes_no_sense_is_told(place: Place, order: ActivationOrder, url: str) -> None:
    error = place.refused(msgspec.structs.replace(order, center_url=url or " "))

    assert error.code == "center_unreachable"


class TestInAServer:
    def ask(self, server: ServerThread, order: ActivationOrder, **changes: Any) -> tuple[int, Any]:
        body = {**msgspec.to_builtins(order), **changes}
        return server.http("POST", "/api/v1/activations", body, Authorization=f"Bearer {server.token}")

    @pytest.fixture
    def empty(self, make_server: Callable[..., ServerThread]) -> ServerThread:
        return make_server().start()

    def test_a_key_serves_as_soon_as_it_is_activated(self, empty: ServerThread, order: ActivationOrder) -> None:
        status, answer = self.ask(empty, order)

        assert (status, answer["changed"], answer["key"]["state"]) == (200, True, "active")
        with empty.client() as client:
            assert client.take().lease

    def test_an_active_key_is_no_change_and_the_center_not_asked(
        self, center: Center, empty: ServerThread, order: ActivationOrder
    ) -> None:
        self.ask(empty, order)

        status, answer = self.ask(empty, order, pin="another", reactivate=True)

        assert (status, answer["changed"], len(center.asked)) == (200, False, 1)

    def test_the_same_order_twice_at_once_spends_one_pin(
        self, center: Center, empty: ServerThread, order: ActivationOrder
    ) -> None:
        async def both() -> list[bool]:
            answers = await asyncio.gather(empty.server.activate(order), empty.server.activate(order))
            return sorted(answer["changed"] for answer in answers)

        assert empty.call(both()) == [False, True]
        assert len(center.pins) == 1

    def test_a_key_that_stopped_working_needs_to_be_told_so(
        self, center: Center, server: ServerThread, order: ActivationOrder, computer: Computer
    ) -> None:
        computer.facts["board"] = "another"
        server.restart()

        status, answer = self.ask(server, order)

        assert (status, answer["error"]["code"]) == (409, "reactivation_needed")
        assert "the motherboard differs" in answer["error"]["message"]
        assert center.asked == []

    def test_a_reactivated_key_works_again(
        self, server: ServerThread, order: ActivationOrder, computer: Computer
    ) -> None:
        computer.facts["board"] = "another"
        server.restart()

        status, answer = self.ask(server, order, reactivate=True)

        assert (status, answer["changed"], answer["key"]["state"]) == (200, True, "active")

    @pytest.mark.parametrize(
        "changes", [{"key_number": "../x"}, {"pin": None}, {"kit": {}}, {"kit": None}, {"company": "name"}]
    )
    def test_an_order_that_makes_no_sense_is_refused(
        self, empty: ServerThread, order: ActivationOrder, changes: dict[str, Any]
    ) -> None:
        status, answer = self.ask(empty, order, **changes)

        assert (status, answer["error"]["code"]) == (400, "bad_request")
        assert "1111-1111" not in json.dumps(answer)
