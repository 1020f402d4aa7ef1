# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl menu``: the management window as a text menu. docs/specification.md, section 8."""

import argparse
import os
from typing import Any

from licserver.cli._output import Answer, UsageError


def add_menu_command(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add it to those of ``licctl``."""
    menu = commands.add_parser("menu", help="the commands of an administrator as a menu, in English or Russian")
    menu.add_argument("--language", choices=["en", "ru"], help="otherwise that of the system")
    menu.set_defaults(carry_out=_menu)


def _menu(arguments: argparse.Namespace) -> Answer:
    from licserver.menu.console import hold
    from licserver.menu.conversation import converse
    from licserver.menu.texts import Texts, language_of

    if arguments.json:
        raise UsageError("the menu is for people", hint="Its commands answer with JSON, each by itself")
    texts = Texts(arguments.language or language_of(os.environ))
    hold(converse(texts), ["--ini", str(arguments.ini), "--state", str(arguments.state)])
    return Answer({}, "")
