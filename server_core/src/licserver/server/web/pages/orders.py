# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people fill in to activate a key or a pack, made into what the server is asked for. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from licserver.errors import LicensingError
from licserver.kit import Kit, KitError, read_kit
from licserver.pages.bodies import Form

Way = Literal["online", "file", "phone", "relay"]
WAYS: tuple[Way, ...] = ("online", "file", "phone", "relay")
COMPANY = ("name", "tax_id", "address", "phone", "email")
_PLACE = re.compile(r"at `\$\.([a-z_.]+)`\Z")
"""Where something does not fit, as msgspec ends its messages."""
_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("bad_key_number", "unknown_key", "key_expired", "other_computer"), "key_number"),
    **dict.fromkeys(("already_activated", "reactivation_needed"), "key_number"),
    **dict.fromkeys(("bad_pin", "wrong_pin", "pin_spent", "pins_exhausted"), "pin"),
    **dict.fromkeys(("bad_kit", "unknown_kit", "no_ticket"), "kit"),
    **dict.fromkeys(("unknown_pack", "pack_spent", "wrong_product"), "pack"),
    **dict.fromkeys(("bad_password", "wrong_password"), "password"),
}
"""What a refusal is about, by its code."""


class FieldError(LicensingError):
    """Something that was filled in is missing or cannot be used.

    :ivar field: its name in the form.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__("bad_field", problem)
        self.field = field


def refusal(error: LicensingError | msgspec.ValidationError) -> LicensingError:
    """Why an order was not carried out."""
    if isinstance(error, LicensingError):
        return error
    place = _PLACE.search(str(error))
    return FieldError(place[1].replace(".", "_") if place else "", str(error))


def field_of(error: LicensingError) -> str:
    """The name of the field that a refusal is about; empty for none."""
    return error.field if isinstance(error, FieldError) else _FIELDS.get(error.code, "")


def way_in(form: Form, ways: tuple[Way, ...] = WAYS) -> Way:
    """How request and answer are to go."""
    return next((way for way in ways if way == form.text("way")), ways[0])


def kit_in(form: Form, known: Mapping[str, Kit]) -> Kit:
    """The vendor's kit: uploaded, uploaded before and still in the form, or one that the server has.

    :param known: the server's own, by a name that the form has as ``kit_name``.
    :raises KitError: there is none, or it cannot be used.
    """
    if "kit" in form.files:
        return read_kit(form.files["kit"])
    if form.text("kit_text"):
        return read_kit(form.text("kit_text"))
    if form.text("kit_name") in known:
        return known[form.text("kit_name")]
    raise KitError("no kit was given")


def key_order(form: Form, kit: Kit) -> dict[str, Any]:
    """What the server is asked for to activate a key. Of the kit's tickets it is given the one of the key only.

    :raises FieldError: the PIN is missing.
    """
    number = form.text("key_number")
    if not form.text("pin"):
        raise FieldError("pin", "the PIN is missing")
    return {
        "key_number": number,
        "pin": form.text("pin"),
        "kit": msgspec.to_builtins(kit.only_for(number)),
        "reactivate": form.text("reactivate") == "yes",
        "company": {name: form.text(f"company_{name}") for name in COMPANY},
    }


def pack_order(form: Form, key_number: str) -> dict[str, Any]:
    """What the server is asked for to activate a license pack.

    :raises FieldError: something is missing.
    """
    order = {"key_number": key_number, "pack": form.text("pack"), "password": form.text("password")}
    for name, value in order.items():
        if not value:
            raise FieldError(name, f"the {name} is missing")
    return order


def answer_in(form: Form) -> str:
    """The text of an answer of the center: of the uploaded file, or pasted."""
    return form.files["file"].decode("utf-8-sig", errors="replace") if "file" in form.files else form.text("text")


def blocks_in(form: Form) -> str:
    """What the desk said, block by block."""
    return " ".join(form.text(f"block{number}") for number in (1, 2, 3)).strip()
