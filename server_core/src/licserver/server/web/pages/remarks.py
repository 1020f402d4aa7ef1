# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of keys, alarms and events, for people. No I/O.

Remarks are known by their codes (:mod:`licserver.remarks`); one without words here is told in its own, in English.
"""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from licserver.pages.languages import N_, Translations

FACTS: Mapping[str, str] = {
    "disk": N_("the system disk"),
    "network": N_("the first network card"),
    "system": N_("the operating system or the computer's name"),
    "board": N_("the motherboard"),
}
ALARMS: Mapping[str, str] = {
    "disk_full": N_("The disk of the server is full: no license is given"),
    "ledger_failed": N_("Connections cannot be written to disk"),
    "clock_jumped": N_("The clock of the server's computer was set"),
    "clock_behind": N_("The clock of the server's computer is behind"),
    "state_corrupt": N_("A damaged file lies aside: %(subject)s"),
    "key_expiring": N_("The key %(subject)s expires soon, or has expired"),
    "key_at_risk": N_("The key %(subject)s is about to stop working"),
    "tokens_unusable": N_("Hardware keys cannot be looked for"),
    "certificate_expiring": N_("The certificate of the server ends soon, or has ended"),
}
REMARKS: Mapping[str, str] = {
    # why a key does not work
    "other_computer": N_(
        "It is bound to another computer. What differs: %(facts)s. If this is the same computer after a repair,"
        " activate the key again with its next PIN."
    ),
    "unreadable_fact": N_(
        "Of the computer cannot be read: %(facts)s (%(problem)s). Run the server with the rights to read it."
    ),
    "key_altered": N_("The private key in its file was altered. Restore the file from a copy."),
    "key_mismatched": N_("The private key in its file is not that of its license. Restore the file from a copy."),
    "key_cut": N_("Its file is no software key, or was cut. Restore it from a copy."),
    "kit_missing": N_(
        "The kit of its vendor is not here. Activate a key of this vendor with the kit once, or restore the folder of"
        " kits."
    ),
    "not_believed": N_("Its license cannot be believed: it was altered, or the vendor did not sign it."),
    "key_misnamed": N_("Its file is named %(file)s, and holds the key %(holds)s."),
    "key_unreadable": N_("%(file)s cannot be read: %(why)s."),
    "expired_on": N_("It expired on %(day)s."),
    "file_gone": N_("Its file is gone."),
    "unplugged": N_("It was unplugged."),
    "not_its_own": N_("Its license is that of another token: a copy of it does not work."),
    "not_for_token": N_("Its license is for a software key, not for a token."),
    "vendor_unknown": N_("The kit of its vendor is not here. Give it to the server: licctl kit add FILE"),
    "token_unusable": N_("A token, or its library, cannot be used: %(problem)s."),
    "key_removed": N_("An administrator removed it."),
    # what is about to break a key
    "temporary_id": N_("The id of this system (%(file)s) is a temporary one: after a restart it is another."),
    "another_name": N_("After a restart this computer is named %(wanted)s, and not %(now)s any more."),
    "another_card": N_("After a restart the network card %(first)s may come before %(now)s, to which keys are bound."),
    "temporary_address": N_(
        "The address of the network card %(card)s is a temporary one: after a restart it is another."
    ),
    # more about an alarm
    "disk_full": N_("Make room on the disk of the state folder; nothing else has to be done."),
    "ledger_failed": N_("Look at the rights of the state folder, at its disk, and whether one server alone uses it."),
    "clock_set_forward": N_("Forward by %(seconds)s seconds."),
    "clock_set_back": N_("Back by %(seconds)s seconds."),
    "clock_behind": N_("%(hours)s hours behind the latest time seen here, by which keys expire."),
    "key_expired": N_("It has expired."),
    "key_expires": N_("Days left: %(days)s."),
    "key_at_risk": "",
    "certificate_ended": N_("It has ended."),
    "certificate_ends": N_("Days left: %(days)s. Clients must know the next one before."),
    "set_aside": N_("It lies there as %(path)s. Remove it when it is of no more use."),
}
_DENIALS: Mapping[str, str] = {
    "no_key": N_("no key on this server serves %(product)s for this client"),
    "no_free_license": N_("all %(limit)s licenses for %(product)s are in use: %(holders)s"),
    "key_expired": N_("the key %(key_number)s has expired"),
    "other_counter": N_("this instance holds a license of another counter"),
    "unknown_lease": N_("the license was not held any more, or never was"),
    "key_gone": N_("the key of the license serves it no more"),
    "bad_client_key": N_("the public key of the client cannot be used"),
    "wrong_proof": N_("this is not from the holder of the license"),
    "replayed": N_("this message came before"),
    "disk_full": N_("the disk of the server is full"),
    "ledger_failed": N_("connections cannot be written to disk"),
}
_UNREADABLE: Mapping[str, str] = {
    "forbidden": N_("%(source)s: the server has no right to read it"),
    "missing": N_("%(source)s: it is not there"),
    "no_serial": N_("%(source)s: there is no serial number"),
    "no_card": N_("%(source)s: there is no network card"),
}
_CHANGES: Mapping[str, str] = {"access_code": N_("access code"), "use": N_("use"), "license": N_("license")}
_FROM_KEY = N_("from the key %(from_key)s")
_ENDS: Mapping[str, str] = {"logout": N_("given back"), "lapse": N_("ran out")}


def said(texts: Translations, code: str, details: Mapping[str, Any], text: str) -> Markup:
    """A remark in the language of the texts.

    :param text: the same in English, for a code that has no words here.
    """
    words = REMARKS.get(code)
    if words is None:
        return in_english(text)
    if not words:
        return Markup("")
    particulars = {**details, "facts": ", ".join(_named(texts, FACTS, one) for one in _listed(details, "facts"))}
    why = _UNREADABLE.get(details.get("why", ""))
    try:
        if why is not None:
            particulars["problem"] = texts.gettext(why) % details
        return _plain(texts.gettext(words) % particulars)
    except KeyError:  # of another release, with other particulars
        return in_english(text)


def why_unreadable(texts: Translations, fact: Mapping[str, Any]) -> Markup:
    """Why a fact of the computer cannot be read."""
    words = _UNREADABLE.get(fact["why"])
    return in_english(fact["problem"]) if words is None else _plain(texts.gettext(words) % fact)


def alarm_name(texts: Translations, alarm: Mapping[str, Any]) -> str:
    """What an alarm is about: its heading, or what the log of events says of it."""
    words = ALARMS.get(alarm["code"])
    return str(alarm["code"]) if words is None else texts.gettext(words) % alarm


def more_of(texts: Translations, event: Mapping[str, Any]) -> Markup:
    """What an event says beside when, who and which key."""
    match event["kind"]:
        case "alarm" | "alarm_ended":
            told = said(texts, event.get("remark", ""), event, event.get("message", ""))
            return Markup("{}. {}").format(alarm_name(texts, event), told) if told else _plain(alarm_name(texts, event))
        case "key_lost":
            return said(texts, event.get("remark", ""), event, event.get("reason") or "")
        case "denied":
            return _why_denied(texts, event)
        case "key_changed":
            return _plain(", ".join(_named(texts, _CHANGES, one) for one in _listed(event, "changes")))
        case "moved" | "stranded" if event.get("from_key"):
            return _plain(texts.gettext(_FROM_KEY) % event)
        case "freed":
            return _plain(_named(texts, _ENDS, str(event.get("by", ""))))
        case _:
            return _plain(next((str(event[name]) for name in _TELLING if event.get(name)), ""))


def _why_denied(texts: Translations, event: Mapping[str, Any]) -> Markup:
    words, reason = _DENIALS.get(event.get("code", "")), in_english(event.get("reason") or "")
    if words is None or texts.gettext(words) == words:  # what the client was told says most
        return reason
    try:
        return _plain(texts.gettext(words) % event)
    except KeyError:  # of an earlier release
        return reason


def in_english(text: str) -> Markup:
    """A text that is English on every page, so that it is read aloud as such."""
    return Markup('<span lang="en">{}</span>').format(text) if text else Markup("")


_TELLING = ("names", "version", "denials", "by", "product")


def _plain(text: str) -> Markup:
    return Markup("{}").format(text)


def _listed(told: Mapping[str, Any], name: str) -> list[str]:
    return str(told.get(name, "")).split(", ")


def _named(texts: Translations, names: Mapping[str, str], code: str) -> str:
    return texts.gettext(names[code]) if code in names else code
