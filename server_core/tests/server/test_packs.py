# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""License packs at a running server, which asks a real center behind a page that can be made to fail."""

from collections.abc import Iterator

import pytest

from licserver.documents import ActivationRequest, PackRequest, open_self_signed
from licserver.sealing import decode_bytes
from server_core.tests.helpers import KEY
from server_core.tests.server.branch import Branch


@pytest.fixture
def in_use(branch: Branch) -> Iterator[Branch]:
    """With an active key, while the product runs."""
    branch.activate()
    with branch.server.client() as client:
        client.take()
        yield branch


def test_a_pack_raises_the_limit_of_its_key_at_once(in_use: Branch) -> None:
    status, answer = in_use.pack()

    counter = {"name": "main", "type": "session", "limit": 5, "used": 1, "stranded": 0}
    assert (status, answer["changed"], answer["key"]["counters"]) == (200, True, [counter])
    assert [(pack["pack"], pack["licenses"]) for pack in answer["key"]["packs"]] == [("P-1", {"main": 3})]


def test_the_new_licenses_are_lent_and_believed_after_a_restart(in_use: Branch) -> None:
    in_use.pack()
    in_use.server.restart()

    for _ in range(4):
        with in_use.server.client() as client:
            assert client.take().lease


def test_the_product_that_runs_keeps_its_license(branch: Branch) -> None:
    branch.activate()
    with branch.server.client() as client:
        lease = client.take().lease
        branch.pack()

        assert getattr(client.renew(), "lease", None) == lease


def test_an_active_pack_is_no_change_and_the_center_not_asked(in_use: Branch) -> None:
    in_use.pack()
    asked = len(in_use.center.asked)

    status, answer = in_use.pack()

    assert (status, answer["changed"], len(in_use.center.asked)) == (200, False, asked)


def test_without_a_password_nothing_is_asked_of_the_center(in_use: Branch) -> None:
    asked = len(in_use.center.asked)

    assert in_use.pack_refused(password=" ") == "bad_password"
    assert len(in_use.center.asked) == asked


def test_without_a_running_product_nothing_is_asked_of_the_center(branch: Branch) -> None:
    branch.activate()
    asked = len(branch.center.asked)

    assert branch.pack_refused() == "no_license_held"
    assert len(branch.center.asked) == asked


def test_a_lost_answer_costs_nothing(in_use: Branch) -> None:
    in_use.center.answer = in_use.lose_the_answer
    assert in_use.pack_refused() == "center_unreachable"
    in_use.center.answer = in_use.issue

    status, answer = in_use.pack()

    assert (status, answer["changed"], answer["key"]["counters"][0]["limit"]) == (200, True, 5)
    assert in_use.center.asked[-1] == in_use.center.asked[-2]


def test_an_answer_that_comes_after_that_of_a_later_pack_is_contained_in_it(in_use: Branch) -> None:
    in_use.center.answer = in_use.lose_the_answer
    in_use.pack_refused()
    in_use.center.answer = in_use.issue
    in_use.pack("P-2")

    status, answer = in_use.pack("P-1")

    assert (status, answer["changed"], answer["key"]["counters"][0]["limit"]) == (200, False, 8)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"password": "0000-0000"}, "wrong_password"),
        ({"pack": "P-9"}, "unknown_pack"),
        ({"pack": "P-3"}, "wrong_product"),
        ({"key_number": "100-0009"}, "unknown_key"),
    ],
)
def test_what_the_center_refuses_leaves_the_key_as_it_is(in_use: Branch, order: dict[str, str], code: str) -> None:
    path = next(in_use.server.state.parent.rglob(f"{KEY}.dongle"))
    before = path.read_bytes()

    assert in_use.pack_refused(**order) == code
    assert path.read_bytes() == before


def test_after_a_wrong_password_the_right_one_is_asked_for_anew(in_use: Branch) -> None:
    in_use.pack_refused(password="0000-0000")

    assert in_use.pack()[1]["changed"]


def test_an_answer_for_another_request_is_not_loaded(in_use: Branch) -> None:
    in_use.pack("P-1")
    earlier = in_use.issue(in_use.center.asked[-1])
    in_use.center.answer = lambda _: earlier

    assert in_use.pack_refused(pack="P-2") == "bad_answer"


def test_the_password_is_for_the_centers_eyes_only(in_use: Branch) -> None:
    in_use.center.answer = in_use.lose_the_answer
    in_use.pack_refused(password="WXYZWXYZ")

    payload = decode_bytes(in_use.center.asked[-1].split(".")[1])
    kept = b"".join(path.read_bytes() for path in in_use.server.state.parent.rglob("*") if path.is_file())
    assert b"WXYZWXYZ" not in payload + kept


def test_the_center_is_told_the_facts_of_the_computer(in_use: Branch) -> None:
    in_use.pack()

    activation, pack = in_use.center.asked[0], in_use.center.asked[-1]
    assert open_self_signed(pack, PackRequest).facts == open_self_signed(activation, ActivationRequest).facts


def test_a_broken_key_gets_no_pack(in_use: Branch) -> None:
    path = next(in_use.server.state.parent.rglob(f"{KEY}.dongle"))
    path.write_bytes(b"cut")

    assert in_use.pack_refused() == "broken_key"
