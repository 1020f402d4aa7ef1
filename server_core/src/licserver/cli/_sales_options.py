# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of ``liccenter`` where it is about products, customers, keys, packs and what happened.

Standard library only, so that a wrong command line is told at once.
"""

import argparse
import calendar
import time
from pathlib import Path
from typing import Any

Commands = Any
"""What ``add_subparsers`` returns has no public name."""
_TABLES = ("customers", "keys", "packs")
_LINES = 200
_DIGITS = 9


def add_sales(commands: Commands) -> None:
    """Add the commands."""
    _add_files(commands)
    _add_keys(commands)
    _add_hardware_keys(commands)
    _add_packs(commands)
    for name, text in (("customer", "every customer"), ("product", "every product")):
        group = commands.add_parser(name, help=f"look at {name}s").add_subparsers(required=True, metavar="COMMAND")
        group.add_parser("list", help=text).set_defaults(command=f"{name} list")
    _add_history(commands)


def _add_files(commands: Commands) -> None:
    apply = commands.add_parser("apply", help="bring products, customers, keys and packs to what a catalog says")
    apply.add_argument("--catalog", required=True, help="a JSON file, or - for standard input")
    _add_careful(apply)
    apply.set_defaults(command="apply")

    take_in = commands.add_parser("import", help="the same by any file that export writes")
    take_in.add_argument("file", metavar="FILE", help="a catalog (JSON), or a table (CSV); - for standard input")
    take_in.add_argument("--table", choices=_TABLES, help="it is a table of these")
    _add_careful(take_in)
    take_in.set_defaults(command="import")

    export = commands.add_parser("export", help="write products, customers, keys and packs to a file")
    export.add_argument("file", metavar="FILE", help="a new or old file; - for standard output")
    export.add_argument("--table", choices=_TABLES, help="these as a table (CSV) in place of all as a catalog (JSON)")
    export.set_defaults(command="export")


def _add_keys(commands: Commands) -> None:
    keys = commands.add_parser("key", help="issue, change and look at keys").add_subparsers(
        required=True, metavar="COMMAND"
    )
    issue = keys.add_parser("issue", help="make a key; its PINs are shown this once")
    issue.add_argument("--product", required=True)
    issue.add_argument("--key-number", help="made up when left out")
    issue.add_argument("--customer", help="to whom it is sold")
    _add_pins_output(issue, "write the PINs there instead of showing them")
    issue.set_defaults(command="key issue")

    change = keys.add_parser("change", help="change a key, or make further PINs for it")
    change.add_argument("key_number", metavar="KEY_NUMBER")
    change.add_argument(
        "--expires", type=_expiry, metavar="DAY", help="2027-01-31, or never; from its next activation on"
    )
    change.add_argument("--customer", help="to whom it was sold; an empty word: to nobody known")
    change.add_argument(
        "--counters",
        metavar="NAME:TYPE:LIMIT",
        help="its own in place of its product's, separated by spaces; from its next activation on",
    )
    change.add_argument("--more-pins", type=_positive, default=0, metavar="N", help="make so many further PINs")
    _add_pins_output(change, "write further PINs there instead of showing them")
    change.set_defaults(command="key change")

    found = keys.add_parser("list", help="every key, or those that were asked for")
    _add_words(found, "in a key's number, product, customer, or the company that activated it")
    found.add_argument("--product", help="only keys of this product")
    found.add_argument("--customer", help="only keys of this customer")
    found.add_argument("--after", metavar="KEY_NUMBER", help="only keys behind this one")
    found.add_argument("--limit", type=_positive, metavar="N", help="so many at most")
    found.set_defaults(command="key list")

    show = keys.add_parser("show", help="one key, its activations and its history")
    show.add_argument("key_number", metavar="KEY_NUMBER")
    show.set_defaults(command="key show")


def _add_hardware_keys(commands: Commands) -> None:
    keys = commands.add_parser("hardware-key", help="issue and update hardware keys").add_subparsers(
        required=True, metavar="COMMAND"
    )
    issue = keys.add_parser("issue", help="make a key pair on a token, and put its license beside it")
    issue.add_argument("--product", required=True)
    issue.add_argument("--key-number", help="made up when left out")
    issue.add_argument("--customer", help="to whom it is sold")
    issue.add_argument("--expires", type=_expiry, metavar="DAY", help="2027-01-31, or never")
    issue.add_argument("--counters", metavar="NAME:TYPE:LIMIT", help="its own in place of its product's")
    issue.add_argument("--token", required=True, metavar="LABEL", help="the label of the token, which is initialized")
    issue.add_argument("--token-module", required=True, metavar="FILE", help="its PKCS#11 library, a whole path")
    issue.add_argument(
        "--token-pin-file", type=Path, metavar="FILE", help="holds the PIN of the token; otherwise it is asked for"
    )
    issue.add_argument("--ask-pin", action="store_true", help="the key works only where the server knows the PIN, too")
    issue.set_defaults(command="hardware-key issue")

    update = keys.add_parser("update", help="the update that brings a key to what it is worth by now")
    update.add_argument(
        "file", type=Path, metavar="FILE", help="the state that the customer sent; - for standard input"
    )
    update.add_argument("--output", type=Path, metavar="FILE", help="write the update there")
    update.set_defaults(command="hardware-key update")


def _add_packs(commands: Commands) -> None:
    packs = commands.add_parser("pack", help="issue and look at license packs").add_subparsers(
        required=True, metavar="COMMAND"
    )
    issue = packs.add_parser("issue", help="make a license pack; its password is shown this once")
    issue.add_argument("--product", required=True)
    issue.add_argument("--pack", help="its id; made up when left out")
    issue.add_argument(
        "--raises", required=True, metavar="COUNTER:LICENSES", help="what it raises, separated by spaces: main:5"
    )
    _add_pins_output(issue, "write the password there instead of showing it")
    issue.set_defaults(command="pack issue")

    found = packs.add_parser("list", help="every pack, and the key that used it")
    found.add_argument("--product", help="only packs for this product")
    found.add_argument("--unused", action="store_true", help="only packs that no key has used")
    found.set_defaults(command="pack list")


def _add_history(commands: Commands) -> None:
    history = commands.add_parser("history", help="what happened, newest first")
    _add_words(history, "in an event, or in what it was about")
    history.add_argument("--key", metavar="KEY_NUMBER", help="only what happened to this key")
    history.add_argument("--pack", help="only what happened to this pack")
    history.add_argument("--event", help="only events of this name: activated, refused, clone_seen …")
    history.add_argument("--since", type=_moment, metavar="DAY", help="from this day on: 2027-01-31")
    history.add_argument("--before", type=_positive, metavar="ENTRY", help="only what is older than this entry")
    history.add_argument("--limit", type=_positive, default=_LINES, metavar="N", help="so many at most (%(default)s)")
    history.set_defaults(command="history")

    clones = commands.add_parser("clone", help="look at keys that were seen alive twice").add_subparsers(
        required=True, metavar="COMMAND"
    )
    seen = clones.add_parser("list", help="by what each was seen, and which facts differed")
    seen.add_argument("--key", metavar="KEY_NUMBER", help="only of this key")
    seen.add_argument("--limit", type=_positive, default=_LINES, metavar="N", help="so many at most (%(default)s)")
    seen.set_defaults(command="clone list")


def _add_words(parser: argparse.ArgumentParser, where: str) -> None:
    parser.add_argument("text", nargs="*", metavar="WORD", help=f"each has to stand {where}")


def _add_careful(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="say what would change and change nothing")
    _add_pins_output(parser, "where to write PINs that are made up (needed when the file leaves some out)")


def _add_pins_output(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--pins-output", type=Path, metavar="FILE", help=f"{text}; a new file for its owner only")


def _positive(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {10**_DIGITS - 1}, not {text!r:.40}")
    return number


def _moment(text: str) -> int:
    try:
        return calendar.timegm(time.strptime(text, "%Y-%m-%d"))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a day such as 2027-01-31, not {text!r}") from error


def _expiry(text: str) -> int:
    """0 for never."""
    return 0 if text == "never" else _moment(text)
