# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server says, in words for people: kinds and states, alarms, events, and refusals.

Refusals and alarms are named by their codes (docs/protocol.md); one without words here is told in its own, in English.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping

from licserver.errors import LicensingError
from licserver.pages.languages import N_, Translations
from licserver.pages.problems import Problem
from licserver.remarks import Remark
from licserver.server.web.pages.remarks import FACTS, REMARKS, alarm_name, more_of, said, why_unreadable

TYPES: Mapping[str, str] = {
    "session": N_("session"),
    "user": N_("user"),
    "computer": N_("computer"),
    "terminal": N_("terminal session"),
}
STATES: Mapping[str, str] = {"active": N_("active"), "blocked": N_("blocked")}
FACT_STATES: Mapping[str, str] = {
    "same": N_("the same"),
    "differs": N_("differs"),
    "unreadable": N_("cannot be read"),
}
EVENTS: Mapping[str, str] = {
    "server_started": N_("server started"),
    "restart_requested": N_("restart asked for"),
    "server_stopped": N_("server stopped"),
    "granted": N_("license given"),
    "denied": N_("license refused"),
    "denials_left_out": N_("refusals not listed"),
    "blocked": N_("license blocked"),
    "freed": N_("license freed"),
    "released": N_("disconnected by an administrator"),
    "moved": N_("moved to another key"),
    "stranded": N_("left without a license"),
    "key_attached": N_("key attached"),
    "key_lost": N_("key lost"),
    "key_changed": N_("key changed"),
    "settings_changed": N_("settings changed"),
    "alarm": N_("alarm"),
    "alarm_ended": N_("alarm ended"),
}
ACTORS: Mapping[str, str] = {
    "user": N_("by the user, from %(actor_address)s"),
    "token": N_("by the token %(token)s, from %(actor_address)s"),
    "local": N_("on the server's own computer"),
}

_COMPARE = N_("Compare it with the delivery papers.")
_SUPPORT = N_("Ask the vendor's support line.")
_LOOK_AT_KEYS = N_("Look at the list of keys.")

WORDS: Mapping[str, tuple[str, str]] = {
    "bad_field": (N_("Something is missing or cannot be used."), N_("The reason names the field.")),
    # keys
    "unknown_key": (N_("There is no key %(key_number)s."), _COMPARE),
    "bad_key_number": (
        N_("This cannot be a key number."),
        N_("It has letters, digits, dots, underscores and hyphens, at most 64."),
    ),
    "broken_key": (N_("The key %(key_number)s is attached and does not work."), _LOOK_AT_KEYS),
    "reactivation_needed": (
        N_("The key %(key_number)s is here already and does not work."),
        N_("To spend its next PIN on this computer, tick the box for that."),
    ),
    "key_expired": (N_("The key %(key_number)s has expired."), N_("Ask the vendor for a new key.")),
    "bad_kit": (N_("This is not a vendor's kit."), N_("Take it again from the vendor's delivery.")),
    "unknown_kit": (
        N_("This server does not have this kit, and you may not add one."),
        N_("An administrator adds it once, or activates the key."),
    ),
    "unreadable_fact": (
        N_("A fact of the computer to which keys are bound cannot be read."),
        N_("Run the server with the rights to read it."),
    ),
    # the center
    "center_unreachable": (
        N_("The activation center cannot be reached from this server."),
        N_("Try again later, or choose the way by file, by telephone or through this browser."),
    ),
    "unknown_center": (
        N_("The kit of the vendor names another activation center, and you may not choose one."),
        N_("Ask the one in the kit, or have an administrator activate."),
    ),
    "wrong_pin": (N_("The PIN is none of the key %(key_number)s."), _COMPARE),
    "pin_spent": (N_("This PIN of the key %(key_number)s is spent."), N_("Use the next PIN of the key.")),
    "pins_exhausted": (
        N_("All PINs of the key %(key_number)s are spent."),
        N_("Ask the vendor's support line for another PIN."),
    ),
    "already_activated": (
        N_("The key %(key_number)s is activated, and a key of this product is never activated again."),
        N_("Use the key where it was activated, or ask the vendor's support line."),
    ),
    "too_many_attempts": (
        N_("There were too many wrong PINs or passwords; no more are tried for now."),
        N_("Wait an hour, then try again with the right one."),
    ),
    "other_computer": (
        N_("The key %(key_number)s belongs to another computer."),
        N_("A key is activated again only on its own computer. Ask the vendor's support line."),
    ),
    # answers
    "bad_answer": (
        N_("This is no answer to this request, or not a whole one."),
        N_("Take the answer to it again from the activation center, whole and unaltered."),
    ),
    "foreign_answer": (
        N_("This server waits for no such answer."),
        N_("Load it on the server that made the request; if a new request was made since, wait for its answer."),
    ),
    "answer_used": (N_("This answer was loaded here already, or a newer one."), _LOOK_AT_KEYS),
    "request_damaged": (N_("The request was damaged on the disk of this server."), N_("Make a new request.")),
    "bad_block": (
        N_("Misheard or mistyped, or not in its place: block %(blocks)s."),
        N_("Have it told once more, and compare digit by digit."),
    ),
    "bad_code": (
        N_("This is no whole answer."),
        N_("It has three blocks of eight digits, in the order in which they are told."),
    ),
    "no_ticket": (
        N_("The kit has no ticket for the key %(key_number)s: it cannot be activated by telephone."),
        N_("Ask the vendor for a kit with a ticket for this key, or choose another way."),
    ),
    "old_answer": (N_("The key %(key_number)s has a newer license already."), _LOOK_AT_KEYS),
    # packs
    "unknown_pack": (N_("There is no license pack %(pack)s."), _COMPARE),
    "wrong_password": (N_("This is not the password of the license pack %(pack)s."), _COMPARE),
    "pack_spent": (N_("The license pack %(pack)s was activated before."), N_("A pack is activated once.")),
    "wrong_product": (
        N_("The license pack %(pack)s is for another product than the key %(key_number)s."),
        N_("Activate the pack for a key of its product."),
    ),
    "no_license_held": (
        N_("Nobody runs the product now with a license of this server."),
        N_("Start the product, leave it running, and activate the pack again."),
    ),
    # hardware keys
    "bad_update": (
        N_("This is no whole update of a hardware key; nothing was changed."),
        N_("Paste the text as the vendor sent it, from its first line to its last."),
    ),
    "foreign_update": (
        N_("This update is for another hardware key; nothing was changed."),
        N_("Plug in the key whose state was sent to the vendor, or ask for an update of this one."),
    ),
    "old_update": (
        N_("The key has a newer license than this update, or the same; nothing was changed."),
        N_("Send the vendor the state of the key as it is now."),
    ),
    "not_plugged_in": (
        N_("This hardware key is not plugged in here; nothing was changed."),
        N_("Plug it in, and try again."),
    ),
    "token_unusable": (
        N_("The hardware key did not do what it was asked to. It works as before, or is updated already."),
        N_("See that it is plugged in, and try again."),
    ),
    "hardware_key": (N_("This is a hardware key."), N_("Unplug it, or do not use it any more.")),
    # the server itself
    "bad_setting": (N_("Something cannot be set like this; nothing was changed."), N_("Look at the marked fields.")),
    "setting_conflict": (
        N_("Somebody else changed the same meanwhile; nothing was changed here."),
        N_("Look at the marked fields."),
    ),
    "token_exists": (
        N_("There is a token of this name already."),
        N_("Choose another name, or remove that one first."),
    ),
    "too_many_tokens": (N_("There are too many tokens."), N_("Remove one that nobody uses any more.")),
    "forbidden": (
        N_("The server may not write its ini."),
        N_("Run the role license_server once more, or let the server's group write the file."),
    ),
    "port_unavailable": (
        N_("The port that is set is taken by another program."),
        N_("Choose another one; the server goes on as it is."),
    ),
    "port_forbidden": (
        N_("The server has no right to the port that is set."),
        N_("Choose another one, from 1024 on; the server goes on as it is."),
    ),
    "changed_meanwhile": (
        N_("Somebody else changed the ini of the server meanwhile; nothing was changed here."),
        N_("Open the page again, and change what is still to be changed."),
    ),
    "address_unavailable": (
        N_("The address to listen on is none of this computer's."),
        N_("Choose another one; the server goes on as it is."),
    ),
    "bad_certificate": (N_("The certificate or its key cannot be used."), N_("Correct the files, or name others.")),
    "bad_ini": (N_("The ini of the server cannot be used as it is."), N_("Correct it; the server goes on as it is.")),
    "write_failed": (N_("The server could not write a file."), N_("Look at the space on its disk and at its rights.")),
    "disk_full": (N_("The disk of the server is full."), N_("Free some space; nothing was changed.")),
}
_NO_PAGE = (N_("There is no such page."), N_("Look at the address, or begin at the overview."))
_STATUSES: Mapping[int, tuple[str, str]] = {
    400: (N_("The request cannot be understood."), N_("Open the page again.")),
    401: (N_("Somebody must sign in to see this."), ""),
    403: (
        N_("This does not count: it came from another site, or its page is too old, or you may not change this."),
        N_("Open the page again. Without a user and a password, only the server's own computer may change anything."),
    ),
    404: _NO_PAGE,
    405: _NO_PAGE,
    408: (N_("The request did not arrive in time."), N_("Try again.")),
    413: (N_("This is too large."), N_("Look whether it is the right file.")),
    421: (
        N_("The server does not know this name."),
        N_("Ask it by the name or the address of its computer. There the name can be set, with the settings (Names=)."),
    ),
    429: (N_("Too many passwords are being tried."), N_("Wait a minute, then try again.")),
    500: (N_("The server failed."), N_("Look into its log.")),
    503: (N_("Too many pages of this server are open."), N_("Close some of them.")),
}


def names_of(texts: Translations) -> dict[str, Callable[..., str]]:
    """What templates call to name things."""

    def name(names: Mapping[str, str]) -> Callable[[str], str]:
        return lambda code: texts.gettext(names[code]) if code in names else code

    return {
        "type_name": name(TYPES),
        "state_name": name(STATES),
        "fact_name": name(FACTS),
        "fact_state": name(FACT_STATES),
        "fact_problem": lambda fact: why_unreadable(texts, fact),
        "event_name": name(EVENTS),
        "alarm_name": lambda alarm: alarm_name(texts, alarm),
        "said": lambda remark: said(texts, remark["code"], remark["details"], remark["text"]),
        "more_of": lambda event: more_of(texts, event),
        "by_whom": lambda event: name(ACTORS)(event["actor"]) % event,
    }


def explain(
    error: LicensingError, texts: Translations, about: Mapping[str, str] | None = None, *, status: int = 0
) -> Problem:
    """A refusal in words; in its own where there are no others.

    :param about: what was asked for: ``key_number``, ``pack``.
    :param status: of HTTP, where the error has no code of its own.
    """
    words = WORDS.get(error.code) or _STATUSES.get(status)
    if words is None and error.code in REMARKS:
        remark = Remark.of(error)
        return Problem(error.code, said(texts, remark.code, remark.details, remark.text), "")
    if words is None:
        return Problem(error.code, error.message, error.hint)
    fields: defaultdict[str, str] = defaultdict(lambda: "…", about or {})
    fields["blocks"] = ", ".join(map(str, error.details.get("blocks", ())))
    what, to_do = (texts.gettext(text) if text else "" for text in words)
    return Problem(error.code, what % fields, to_do, error.message)
