# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Online activation: interrupted anywhere, it is finished by the same order for the same PIN."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from licserver.activation import ActivationError
from licserver.activation.requests import request_name
from licserver.documents import DocumentError, seal
from licserver.errors import LicensingError
from licserver.keys.keyring import KeyFolder
from licserver.kit import KitError
from licserver.server.activate import ActivationOrder, Activator
from licserver.server.requests import RequestFolder
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.portable import posix_only
from server_core.tests.server.center_page import Center


class Place:
    """A state folder in which keys are activated."""

    def __init__(self, state: Path, computer: Computer) -> None:
        self.state = state
        self.computer = computer
        self.folder = KeyFolder(state)
        self.activator = Activator(RequestFolder(state), self.folder, computer)

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

    def request_file(self, order: ActivationOrder) -> Path:
        return self.state / "requests" / f"{request_name(order.key_number, order.kit)}.json"


@pytest.fixture
def place(tmp_path: Path, computer: Computer) -> Place:
    return Place(tmp_path, computer)


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
    assert [name[: len(KEY)] for name in place.requests()] == [KEY]


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


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: b"",
        lambda text: b"{",
        lambda text: b"\xff",
        lambda text: b'{"key_number":"\xff"}',
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b'"server_version":"', b'"server_version":"9'),
        lambda text: text.replace(b'"sealed_signer":"', b'"sealed_signer":"A'),
        lambda text: text.replace(b'"sealed_signer":"', b'"sealed_signer":"?'),
        lambda text: text.replace(b'"exchange_key":"', b'"exchange_key":"A'),
    ],
)
def test_a_request_that_was_damaged_on_disk_is_set_aside_and_made_anew(
    center: Center, place: Place, order: ActivationOrder, damage: Callable[[bytes], bytes]
) -> None:
    center.say(500, b"")
    place.refused(order)
    [kept] = (place.state / "requests").iterdir()
    kept.write_bytes(damage(kept.read_bytes()))
    center.answer = center.license

    place.activate(order)

    assert place.keys() == [(KEY, None)]
    [left] = place.requests()
    assert left.startswith(f"{kept.name}.corrupt-")


def test_a_request_that_is_a_folder_is_set_aside(place: Place, order: ActivationOrder) -> None:
    place.request_file(order).mkdir()
    place.activate(order)

    assert place.keys() == [(KEY, None)]


@posix_only("who may read a file is up to its folder")
def test_a_request_that_may_not_be_read_is_named_and_left_where_it_is(
    place: Place, order: ActivationOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", forbidden)

    error = place.refused(order)

    assert (error.code, error.hint) == ("bad_state", "Check its owner and rights")
    assert place.requests() == []


@pytest.mark.parametrize(
    ("status", "code"), [(408, "too_slow"), (429, "too_many_attempts"), (404, "unknown_key"), (400, "bad_http_request")]
)
def test_what_a_center_does_not_decide_for_good_keeps_the_request(
    center: Center, place: Place, order: ActivationOrder, status: int, code: str
) -> None:
    center.refuse(status, code)
    place.refused(order)
    center.answer = center.license

    place.activate(order)

    assert center.asked[0] == center.asked[1]


def test_another_vendors_kit_does_not_touch_the_request(
    center: Center, place: Place, order: ActivationOrder, stranger: Vendor
) -> None:
    center.say(500, b"")
    place.refused(order)
    foreign = msgspec.structs.replace(stranger.kit, center_url=center.url)
    place.refused(msgspec.structs.replace(order, kit=foreign))
    center.answer = center.license

    place.activate(order)

    assert center.asked[0] == center.asked[-1] != center.asked[1]


def test_an_answer_to_another_request_does_not_cost_the_request(
    center: Center, place: Place, order: ActivationOrder
) -> None:
    center.say(200, seal(center.vendor.answer(center.vendor.request(Computer())), center.vendor.signer).encode())

    error = place.refused(order)

    assert error.code == "bad_answer"
    assert [name[: len(KEY)] for name in place.requests()] == [KEY]


def test_a_request_whose_answer_is_a_key_already_is_not_sent_again(
    center: Center, place: Place, order: ActivationOrder
) -> None:
    place.activate(order)
    crashed = place.state / "requests"
    center.say(500, b"")
    place.refused(msgspec.structs.replace(order, key_number="100-0009"))
    [kept] = crashed.iterdir()
    center.answer = center.license
    first = msgspec.json.decode(kept.read_bytes())
    license = place.folder.attached(place.computer)[0].license
    assert license is not None
    first["content"]["key_number"], first["content"]["request_id"] = KEY, license.request_id
    (crashed / kept.name.replace("100-0009", KEY)).write_bytes(msgspec.json.encode(first))

    place.activate(msgspec.structs.replace(order, reactivate=True))

    assert center.asked[-1] != first["request"]


@pytest.mark.parametrize("url", ["http://center.example", "ftp://center.example", "center.example"])
def test_the_center_is_asked_over_https(place: Place, order: ActivationOrder, url: str) -> None:
    error = place.refused(msgspec.structs.replace(order, center_url=url))

    assert "must begin with https://" in error.message


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
