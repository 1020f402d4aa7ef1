# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every refusal of a center in words for people: what is wrong, and what to do about it.

The texts are named by the code of the refusal (docs/protocol.md, "Activation center") and filled in from what the
request was about and from the particulars of the refusal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from licserver.center.acting import Way
from licserver.errors import LicensingError
from licserver.pages.languages import N_, Translations
from licserver.pages.problems import Problem

FACTS: Mapping[str, str] = {
    "disk": N_("the system disk"),
    "network": N_("the first network card"),
    "system": N_("the operating system or the computer's name"),
    "board": N_("the motherboard"),
}


_COMPARE = N_(
    "Compare it with the delivery papers, and make a new request with --anew (licctl key request, licctl pack request)."
)
_SUPPORT = N_("Ask the vendor's support line.")
_ASK_ANEW = N_(
    "Make a new request on the license server with --anew (licctl key request, licctl pack request), and upload that."
)
_BY_FILE = N_("Activate it online or by a request file.")
_AGAIN = N_("Nothing was spent. Try the same again in a few minutes.")

WORDS: Mapping[str, tuple[str, str]] = {
    # what was given
    "nothing_given": (N_("No request was given."), N_("Choose the request file, or paste its text.")),
    "no_request": (
        N_("This is not a request but an answer, or a key."),
        N_("An answer is loaded on the license server that made the request: licctl load FILE."),
    ),
    "bad_document": (
        N_("This is not a whole request: it was cut or altered on its way, or is another file."),
        N_("Upload the request file as the license server wrote it; do not edit it."),
    ),
    "foreign_request": (
        N_("This request was made for the activation center of another vendor."),
        N_("Make it anew with the kit that came with this vendor's product."),
    ),
    "request_conflict": (N_("Another request was already answered under the same id."), _ASK_ANEW),
    "incomplete_facts": (
        N_("The request does not say everything about its computer. Missing: %(facts)s."),
        N_("Make the request with the license server of this product."),
    ),
    # keys
    "unknown_key": (N_("There is no key %(key_number)s."), _COMPARE),
    "wrong_pin": (N_("The PIN is none of the key %(key_number)s."), _COMPARE),
    "too_many_attempts": (
        N_("There were too many wrong PINs or passwords; no more are tried for now."),
        N_("Wait an hour, then try again with the right one."),
    ),
    "key_expired": (N_("The key %(key_number)s has expired."), N_("Ask the vendor for a new key.")),
    "already_activated": (
        N_("The key %(key_number)s is activated, and a key of this product is never activated again."),
        N_("Use the key where it was activated, or ask the vendor's support line."),
    ),
    "pin_spent": (
        N_("This PIN of the key %(key_number)s is spent."),
        N_("Make a new request with the next PIN of the key: licctl key request … --anew."),
    ),
    "pins_exhausted": (
        N_("All PINs of the key %(key_number)s are spent."),
        N_("Ask the vendor's support line for another PIN."),
    ),
    "other_computer": (
        N_("The key %(key_number)s belongs to another computer. What differs: %(facts)s."),
        N_(
            "A key is activated again only on its own computer. If this is that computer, repaired,"
            " ask the vendor's support line."
        ),
    ),
    "wrong_counters": (N_("What was sold does not fit together."), _SUPPORT),
    # the telephone
    "phone_not_allowed": (N_("Keys of this product are not activated by telephone."), _BY_FILE),
    "has_packs": (N_("The key %(key_number)s has license packs, which no telephone can carry."), _BY_FILE),
    "other_ticket": (
        N_("The request code is for another key than %(key_number)s, or the kit there is older than what was sold."),
        N_("Compare the key number. Otherwise send a kit of today, or have a request file uploaded."),
    ),
    "ticket_used_up": (
        N_("The kit at the caller's provides for no further activation of the key %(key_number)s."),
        _BY_FILE,
    ),
    "bad_block": (
        N_("Misheard or mistyped, or not in its place: block %(blocks)s."),
        N_("Have it told once more, and compare digit by digit."),
    ),
    "bad_code": (
        N_("This is no whole request code."),
        N_("It has four blocks of eight digits, in the order in which they are told."),
    ),
    # packs
    "unknown_pack": (N_("There is no license pack %(pack)s."), _COMPARE),
    "wrong_password": (N_("This is not the password of the license pack %(pack)s."), _COMPARE),
    "pack_spent": (
        N_("The license pack %(pack)s was activated before."),
        N_("A pack is activated once. Ask the vendor for another one."),
    ),
    "key_not_activated": (
        N_("The key %(key_number)s was never activated."),
        N_("Activate the key first, then the pack."),
    ),
    "wrong_product": (
        N_("The license pack %(pack)s is for another product than the key %(key_number)s."),
        N_("Activate the pack for a key of its product."),
    ),
    # the way here
    "too_large": (
        N_("This is too large to be a request."),
        N_("Upload the request file itself, not an archive or a picture of it."),
    ),
    "too_slow": (N_("The upload took too long."), N_("Try again.")),
    "too_many_requests": (N_("Too many requests came from your address."), N_("Wait a minute, then try again.")),
    "internal_error": (N_("The center failed."), _AGAIN),
    "database_unavailable": (N_("The center cannot reach its database now."), _AGAIN),
    "token_unusable": (N_("The center failed."), _AGAIN),
}
_STATUSES: Mapping[int, tuple[str, str]] = {
    403: (
        N_("This form does not count: it came from another site, or its page is too old."),
        N_("Open the page again and fill it in there."),
    ),
    404: (N_("There is no such page."), N_("Look at the address, or begin at the first page.")),
}

EVENTS: Mapping[str, str] = {
    "product_added": N_("product added"),
    "product_changed": N_("product changed"),
    "customer_added": N_("customer added"),
    "customer_changed": N_("customer changed"),
    "key_added": N_("key issued"),
    "key_changed": N_("key changed"),
    "pin_added": N_("another PIN made"),
    "token_issued": N_("put on a hardware key"),
    "token_updated": N_("update of a hardware key made"),
    "activated": N_("activated"),
    "refused": N_("refused"),
    "pack_added": N_("pack issued"),
    "pack_changed": N_("pack changed"),
    "pack_activated": N_("pack activated"),
    "clone_seen": N_("clone seen"),
}


_WAYS: Mapping[Way, str] = {
    "shell": N_("command line"),
    "api": N_("online"),
    "exchange": N_("exchange page"),
}
"""What is said beside a name, or an address; members of the staff are who they are."""


def describe(entry: Mapping[str, Any], texts: Translations) -> str:
    """An entry of the history in words."""
    words = EVENTS.get(entry["event"])
    return texts.gettext(words) if words else str(entry["event"])


def name_actor(entry: Mapping[str, Any], texts: Translations) -> str:
    """Who did what an entry of the history tells; empty where it was not noted yet."""
    way = _WAYS.get(entry["way"])
    return ", ".join(filter(None, (entry["actor"], way and texts.gettext(way))))


def name_facts(kinds: Iterable[str], texts: Translations) -> str:
    """Facts of a computer by their names."""
    return ", ".join(texts.gettext(FACTS.get(kind, kind)) for kind in kinds)


def explain(
    error: LicensingError, texts: Translations, about: Mapping[str, str] = MappingProxyType({}), *, status: int = 0
) -> Problem:
    """A refusal in words; in its own where there are no others.

    :param about: what the request was about: ``key_number``, ``pack``.
    :param status: of HTTP, where the error has no code of its own.
    """
    words = WORDS.get(error.code) or _STATUSES.get(status)
    if words is None:
        return Problem(error.code, error.message, error.hint)
    fields: defaultdict[str, str] = defaultdict(lambda: "…", about)
    fields["facts"] = name_facts(error.details.get("facts", ()), texts)
    what, to_do = (texts.gettext(text) for text in words)
    return Problem(error.code, what % fields, to_do)
