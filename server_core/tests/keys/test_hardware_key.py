# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware keys on tokens of SoftHSM 2: which license counts, what is refused, and what an interruption leaves."""

from collections.abc import Callable, Mapping

import pytest

from licserver.cryptoki import CryptokiError
from licserver.documents import KeyState, License, open_self_signed, seal
from licserver.keys.hardware_key import HardwareKey, Tokens, open_token
from licserver.keys.keyring import AttachedKey
from licserver.kit import Kit
from server_core.tests.helpers import KEY, NOW, Computer, Vendor
from server_core.tests.softhsm import MODULE, PIN, Stick


@pytest.fixture
def kits(vendor: Vendor) -> Mapping[str, Kit]:
    return {vendor.kid: vendor.kit}


def opened(stick: Stick, kits: Mapping[str, Kit], pin: str | None = None) -> AttachedKey:
    return open_token(stick.content(), kits, stick.tokens(pin))


def working(stick: Stick, kits: Mapping[str, Kit], pin: str | None = None) -> HardwareKey:
    attached = opened(stick, kits, pin)
    assert isinstance(attached.key, HardwareKey), attached.problem
    return attached.key


def next_one(license: License, vendor: Vendor, **changes: object) -> str:
    changes = {"revision": license.revision + 1, **changes}
    return seal(
        License(**{name: getattr(license, name) for name in license.__struct_fields__} | changes), vendor.signer
    )


def state(key: HardwareKey) -> KeyState:
    license, token = key.license, key.license_token
    return KeyState(key_number=KEY, key_public=license.key_public, license=token, server_version="1", created_at=NOW)


def test_a_key_signs_without_a_login(stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]) -> None:
    license = stick.issue(vendor)

    key = working(stick, kits)

    assert key.license == license
    assert open_self_signed(key.sign(state(key)), KeyState).key_number == KEY


def test_a_key_that_asks_for_its_pin_works_with_it_only(stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]) -> None:
    stick.issue(vendor, needs_login=True)

    assert "shows no key without its PIN" in str(opened(stick, kits).problem)
    assert working(stick, kits, PIN).license.key_number == KEY


def test_a_wrong_pin_is_tried_once_so_that_no_token_is_locked(
    stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]
) -> None:
    stick.issue(vendor, needs_login=True)
    tokens = stick.tokens("wrong")

    problems = [open_token(stick.content(), kits, tokens).problem for _ in range(5)]

    assert all("its PIN is wrong" in str(problem) for problem in problems)
    assert len(tokens._refused) == 1


def test_a_copy_of_a_license_on_another_token_is_refused(
    new_stick: Callable[[], Stick], vendor: Vendor, kits: Mapping[str, Kit]
) -> None:
    original, copy = new_stick(), new_stick()
    license = original.issue(vendor)
    copy.issue(vendor, "100-0002", revision=1)
    copy.put(seal(license, vendor.signer))
    empty = new_stick()
    empty.put(seal(license, vendor.signer))

    assert opened(original, kits).key_number == KEY
    assert opened(copy, kits).key_number == "100-0002"
    assert opened(empty, kits).key_number.startswith("token-")


def test_a_token_with_a_copy_only_does_not_work(
    new_stick: Callable[[], Stick], vendor: Vendor, stranger: Vendor, kits: Mapping[str, Kit]
) -> None:
    original, copy = new_stick(), new_stick()
    license = original.issue(vendor)
    copy.issue(stranger)
    copy.put(seal(license, vendor.signer))

    attached = opened(copy, kits)

    assert attached.key is None
    assert "is that of another token" in str(attached.problem)


def test_a_license_for_a_computer_does_not_work_on_a_token(
    stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]
) -> None:
    stick.issue(vendor, facts=vendor.request(Computer()).content.facts)

    assert "is for a software key" in str(opened(stick, kits).problem)


def test_a_vendor_whose_kit_is_missing_is_named(stick: Stick, vendor: Vendor) -> None:
    stick.issue(vendor)

    assert "licctl kit add" in str(opened(stick, {}).problem)


def test_of_two_licenses_the_newest_counts_and_what_was_cut_does_not(
    stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]
) -> None:
    license = stick.issue(vendor)
    newer = next_one(license, vendor)
    stick.put(newer)
    stick.put(next_one(license, vendor, revision=9)[:-40])
    stick.put("")

    assert working(stick, kits).license_token == newer


def test_an_old_license_counts_where_the_new_one_was_cut(stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]) -> None:
    license = stick.issue(vendor)
    stick.put(next_one(license, vendor)[:100])

    assert working(stick, kits).license == license


def test_renewed_it_has_the_new_license_and_no_other(stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]) -> None:
    license = stick.issue(vendor)
    stick.put("leftover")
    newer = next_one(license, vendor)

    working(stick, kits).renew(newer)

    assert stick.content().licenses == (newer,)
    assert working(stick, kits).license.revision == 2


def test_unplugged_between_writing_and_removing_it_works_with_the_new_license(
    stick: Stick, vendor: Vendor, kits: Mapping[str, Kit], monkeypatch: pytest.MonkeyPatch
) -> None:
    license = stick.issue(vendor)
    newer, key = next_one(license, vendor), working(stick, kits)

    def unplug(one: object) -> None:
        stick.unplug()
        one.destroy()  # type: ignore[attr-defined]  # an object of the library

    monkeypatch.setattr("licserver.keys.hardware_key._remove", unplug)
    with pytest.raises(CryptokiError):
        key.renew(newer)
    stick.plug()

    assert len(stick.content().licenses) == 2
    assert working(stick, kits).license_token == newer


def test_unplugged_before_writing_it_has_the_old_license(stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]) -> None:
    license = stick.issue(vendor)
    key = working(stick, kits)
    stick.unplug()

    with pytest.raises(CryptokiError):
        key.renew(next_one(license, vendor))
    stick.plug()

    assert working(stick, kits).license == license


def test_a_token_that_is_unplugged_is_not_there_and_does_not_sign(
    stick: Stick, vendor: Vendor, kits: Mapping[str, Kit]
) -> None:
    stick.issue(vendor)
    key = working(stick, kits)
    stick.unplug()

    with pytest.raises(CryptokiError):
        key.sign(state(key))
    assert stick.label not in [one.place.label for one in stick.tokens().read()]
    stick.plug()
    assert working(stick, kits).license == key.license


def test_a_token_is_made_a_hardware_key_once(stick: Stick, vendor: Vendor) -> None:
    stick.issue(vendor)

    with pytest.raises(CryptokiError, match="is a hardware key already"):
        stick.issue(vendor)


def test_the_private_key_never_leaves_the_token(stick: Stick, vendor: Vendor) -> None:
    from pkcs11 import Attribute
    from pkcs11.exceptions import AttributeSensitive

    from licserver import cryptoki
    from licserver.keys.hardware_key import LABEL

    stick.issue(vendor)
    with cryptoki.library(MODULE) as library, library.get_token(token_label=stick.label).open() as session:
        key = cryptoki.private_key(session, LABEL)
        flags = [key[name] for name in (Attribute.SENSITIVE, Attribute.EXTRACTABLE, Attribute.LOCAL)]
        with pytest.raises(AttributeSensitive):
            key[Attribute.VALUE]

    assert flags == [True, False, True]


@pytest.mark.parametrize("module", ["libsofthsm2.so", "/nowhere/lib.so", "/etc/passwd"])
def test_what_is_no_library_is_named(module: str) -> None:
    with pytest.raises(CryptokiError):
        Tokens(module).read()
