# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware keys at a running server, on tokens of SoftHSM 2: plugged in and out, and updated from text."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest
from pkcs11.exceptions import DeviceRemoved

from licserver.activation.updates import read_state, write_update
from licserver.component.trust import check_granted
from licserver.cryptoki import CryptokiError
from licserver.documents import Counter, License, seal
from licserver.wire.messages import Login
from server_core.tests.helpers import KEY, SESSIONS, Computer, Vendor, holder
from server_core.tests.portable import mode_bits
from server_core.tests.running import DEADLINE_SECONDS, ServerThread, eventually, refusal
from server_core.tests.server.helpers import bearer
from server_core.tests.softhsm import MODULE, PIN, Stick

MORE = Counter(name="main", type="session", limit=7)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is looked for tokens often."""
    monkeypatch.setattr("licserver.server.token_watch.LOOK_SECONDS", 0.05)
    monkeypatch.setattr("licserver.server.token_watch.PAUSE_SHARE", 1.0)


@pytest.fixture
def ready(make_server: Callable[..., ServerThread], vendor: Vendor) -> ServerThread:
    """A running server that looks for tokens and believes the vendor."""
    server = make_server(TokenModule=MODULE).start()
    add_kit(server, vendor)
    return server


@pytest.fixture
def issued(stick: Stick, vendor: Vendor) -> License:
    """The license of a hardware key that is plugged in."""
    return stick.issue(vendor)


def add_kit(server: ServerThread, vendor: Vendor, query: str = "") -> Any:
    body = {"kit": msgspec.to_builtins(vendor.kit)}
    status, answer = server.http("POST", f"/api/v1/kits{query}", body, **bearer(server))
    assert status == 200, answer
    return answer


def keys(server: ServerThread) -> dict[str, Any]:
    _, answer = server.http("GET", "/api/v1/keys")
    return {key["key_number"]: key for key in answer["keys"]}


def attached(server: ServerThread, number: str = KEY) -> Any:
    return eventually(lambda: keys(server).get(number), f"the key {number} is seen")


def gone(server: ServerThread) -> None:
    eventually(lambda: KEY not in keys(server), "the key is gone")


def update(server: ServerThread, text: str) -> tuple[int, Any]:
    return server.http("POST", "/api/v1/keys/updates", {"text": text}, **bearer(server))


def refused(server: ServerThread, text: str) -> str:
    status, answer = update(server, text)
    assert status == 409, answer
    code: str = answer["error"]["code"]
    return code


def update_of(license: License, vendor: Vendor, **changes: Any) -> str:
    changes = {"revision": license.revision + 1, "counters": (MORE,), **changes}
    return write_update(seal(msgspec.structs.replace(license, **changes), vendor.signer))


def test_a_key_on_a_token_lends_licenses_that_a_product_believes(
    ready: ServerThread, issued: License, vendor: Vendor
) -> None:
    key = attached(ready)
    assert (key["kind"], key["state"], key["counters"][0]["limit"]) == ("hardware", "active", SESSIONS.limit)

    with ready.client() as client:
        granted = client.take()
        login = Login(
            id=1, product=issued.product, nonce="nonce", holder=holder(client.private), client_proof="", access_proof=""
        )
        trusted = check_granted(granted, login, client.welcome.server_id, vendor.kit, now=time.time())

    assert trusted.license == issued


def test_unplugged_it_serves_no_more_and_plugged_in_again_its_holder_goes_on(
    ready: ServerThread, issued: License, stick: Stick
) -> None:
    attached(ready)
    with ready.client() as client:
        lease = client.take().lease
        stick.unplug()
        gone(ready)
        assert refusal(client.renew()) == "key_gone"
        with ready.client() as other:
            other.hello()
            assert refusal(other.login()) == "no_key"
        stick.plug()
        attached(ready)

        assert getattr(client.renew(), "lease", None) == lease


def test_its_holders_move_to_another_key(
    make_server: Callable[..., ServerThread], issued: License, stick: Stick, vendor: Vendor, computer: Computer
) -> None:
    server = make_server(TokenModule=MODULE)
    vendor.install(server.state, computer, "100-0002", Counter(name="main", type="session", limit=9))
    server.start()
    attached(server)
    with server.client() as client:
        client.take()
        stick.unplug()

        def moved() -> list[Any]:
            _, found = server.http("GET", "/api/v1/events?kind=moved&kind=key_lost")
            return [(one["kind"], one.get("reason")) for one in found["events"]]

        assert eventually(lambda: len(moved()) == 2 and moved(), "the holder is moved")
        assert ("key_lost", "it was unplugged") in moved()


def test_whoever_held_a_license_keeps_it_over_a_restart(ready: ServerThread, issued: License) -> None:
    attached(ready)
    with ready.client() as client:
        lease = client.take().lease
    ready.restart()

    assert ready.server.desk.book.leases[lease].seated


def test_the_session_is_vouched_for_before_a_client_asks(
    ready: ServerThread, issued: License, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(ready)

    def fail(*_: object) -> bytes:
        raise AssertionError("the token was asked while a client waited")

    monkeypatch.setattr("licserver.keys.hardware_key.Tokens.sign", fail)
    with ready.client() as client:
        assert client.take().lease


def test_a_token_that_asks_for_its_pin_is_given_the_one_in_the_state_folder(
    ready: ServerThread, stick: Stick, vendor: Vendor
) -> None:
    stick.issue(vendor, needs_login=True)
    path = ready.state / "token.pin"
    eventually(lambda: any(number.startswith("token-") for number in keys(ready)), "the token is seen")
    path.touch(0o600)
    path.write_text(PIN + "\n")

    assert attached(ready)["state"] == "active"


@mode_bits
def test_a_pin_that_others_can_read_is_not_used_and_is_an_alarm(ready: ServerThread) -> None:
    (ready.state / "token.pin").touch(0o644)

    eventually(lambda: "tokens_unusable" in [one["code"] for one in ready.server.alarms.now()], "it is told")


def test_a_library_that_is_missing_is_an_alarm_until_the_ini_names_another(
    make_server: Callable[..., ServerThread], issued: License, vendor: Vendor
) -> None:
    server = make_server(TokenModule="/nowhere/p11.so").start()
    assert [one["code"] for one in server.server.alarms.now()] == ["tokens_unusable"]
    server.ini.write_text(server.ini.read_text().replace("/nowhere/p11.so", MODULE))
    status, answer = server.http("POST", "/api/v1/reload", {}, **bearer(server))
    add_kit(server, vendor)

    assert (status, answer["applied"]) == (200, ["TokenModule"])
    assert attached(server)["state"] == "active"
    assert server.server.alarms.now() == []


def test_an_update_shows_its_total_at_once_and_after_a_restart(
    ready: ServerThread, issued: License, vendor: Vendor, stick: Stick
) -> None:
    attached(ready)
    with ready.client() as client:
        lease = client.take().lease
        status, answer = update(ready, update_of(issued, vendor))
        assert (status, answer["changed"], answer["key"]["counters"][0]["limit"]) == (200, True, 7)
        assert getattr(client.renew(), "lease", None) == lease
    ready.restart()

    assert attached(ready)["counters"][0]["limit"] == 7
    assert len(stick.content().licenses) == 1


def test_the_same_update_again_is_no_change(ready: ServerThread, issued: License, vendor: Vendor) -> None:
    attached(ready)
    text = update_of(issued, vendor)
    update(ready, text)

    assert update(ready, text)[1]["changed"] is False


@pytest.mark.parametrize("case", ["cut", "altered head", "another vendor", "another token", "old", "not plugged in"])
def test_an_update_that_does_not_fit_is_refused_and_the_key_unharmed(
    ready: ServerThread, issued: License, vendor: Vendor, stranger: Vendor, stick: Stick, case: str
) -> None:
    attached(ready)
    text = update_of(issued, vendor)
    before = stick.content()
    texts = {
        "cut": (text[:-200], "bad_update"),
        "altered head": (text.replace("(session) 7", "(session) 8"), "bad_update"),
        "another vendor": (update_of(issued, stranger), "bad_update"),
        "another token": (update_of(issued, vendor, key_public=stranger.kit.vendor_keys[0].x), "foreign_update"),
        "old": (update_of(issued, vendor, revision=1), "old_update"),
        "not plugged in": (update_of(issued, vendor, key_number="100-0009"), "not_plugged_in"),
    }

    assert refused(ready, texts[case][0]) == texts[case][1]
    assert stick.content() == before
    assert keys(ready)[KEY]["counters"][0]["limit"] == SESSIONS.limit


def test_unplugged_in_the_middle_of_an_update_a_key_works_when_it_is_plugged_in_again(
    ready: ServerThread, issued: License, vendor: Vendor, stick: Stick, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(ready)
    text = update_of(issued, vendor)

    def unplug(_: object) -> None:
        stick.unplug()
        raise DeviceRemoved

    with monkeypatch.context() as patch:
        patch.setattr("licserver.keys.hardware_key._remove", unplug)
        assert refused(ready, text) == "token_unusable"
    gone(ready)
    stick.plug()

    assert attached(ready)["counters"][0]["limit"] == 7
    assert update(ready, text)[1]["changed"] is False


def test_a_library_that_does_not_answer_keeps_nobody_waiting(
    ready: ServerThread, issued: License, monkeypatch: pytest.MonkeyPatch
) -> None:
    attached(ready)
    asked, answer = threading.Event(), threading.Event()

    def wait(_: object) -> NoReturn:
        asked.set()
        answer.wait()
        raise CryptokiError("it was asked for too long")

    monkeypatch.setattr("licserver.keys.hardware_key.Tokens.read", wait)
    assert asked.wait(DEADLINE_SECONDS)
    try:
        seen = len(ready.alive_at)
        with ready.client() as client:
            client.take()
            assert getattr(client.renew(), "lease", None)
        eventually(lambda: len(ready.alive_at) > seen, "the watchdog is fed")
    finally:
        answer.set()


def test_an_update_for_a_key_that_was_unplugged_is_refused(
    ready: ServerThread, issued: License, vendor: Vendor, stick: Stick
) -> None:
    attached(ready)
    stick.unplug()

    assert refused(ready, update_of(issued, vendor)) == "not_plugged_in"


def test_the_state_of_a_key_is_signed_by_it(ready: ServerThread, issued: License) -> None:
    attached(ready)
    status, answer = ready.http("GET", f"/api/v1/keys/{KEY}/state", **bearer(ready))

    assert (status, answer["file_name"]) == (200, f"{KEY}.state")
    assert read_state(answer["text"]).key_public == issued.key_public


def test_a_soft_key_has_neither_state_nor_update(server: ServerThread) -> None:
    status, answer = server.http("GET", f"/api/v1/keys/{KEY}/state", **bearer(server))

    assert (status, answer["error"]["code"]) == (409, "not_plugged_in")


def test_a_hardware_key_is_unplugged_and_not_removed(ready: ServerThread, issued: License) -> None:
    attached(ready)
    status, answer = ready.http("DELETE", f"/api/v1/keys/{KEY}", **bearer(ready))

    assert (status, answer["error"]["code"]) == (409, "hardware_key")


def test_a_key_that_is_not_to_be_used_stays_so_when_it_is_plugged_in_again(
    ready: ServerThread, issued: License, stick: Stick
) -> None:
    attached(ready)
    ready.http("PATCH", f"/api/v1/keys/{KEY}", {"use": False}, **bearer(ready))
    stick.unplug()
    gone(ready)
    stick.plug()

    assert attached(ready)["use"] is False


def test_a_key_that_works_stands_before_another_of_its_number(
    make_server: Callable[..., ServerThread], issued: License, vendor: Vendor, computer: Computer
) -> None:
    server = make_server(TokenModule=MODULE)
    path: Path = vendor.install(server.state, computer)
    path.write_bytes(b"cut")
    server.start()

    assert eventually(lambda: keys(server)[KEY]["kind"] == "hardware", "the token is seen")


def test_a_kit_that_is_believed_already_is_no_change(ready: ServerThread, vendor: Vendor, stranger: Vendor) -> None:
    assert add_kit(ready, vendor)["changed"] is False
    changed = [add_kit(ready, stranger, query)["changed"] for query in ("?check=true", "", "?check=true")]
    assert changed == [True, True, False]
