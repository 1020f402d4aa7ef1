# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of ``liccenter staff``. A password comes by a prompt or from standard input, never as an argument."""

import argparse
import sys
import time

import msgspec

from licserver.center import CenterError
from licserver.center.foundation import open_center
from licserver.center.staff import Member, list_members, remove_member, store_member
from licserver.cli._output import Answer, read_secret


def add(options: argparse.Namespace) -> Answer:
    """Let somebody sign in, or give him another role and password."""
    try:
        member = msgspec.convert({"name": options.name, "role": options.role}, Member)
    except msgspec.ValidationError as error:
        raise CenterError("bad_name", f"{options.name!r} cannot be somebody's name: {error}") from error
    password = _password()
    with open_center(options.dir) as center, center.database.writing() as connection:
        new = store_member(connection, member, password, now=int(time.time()))
    done = "may sign in" if new else "has the new password and role; whoever was signed in with the old one is not"
    return Answer({**msgspec.to_builtins(member), "added": new}, f"{member.name} ({member.role}) {done}.")


def list_staff(options: argparse.Namespace) -> Answer:
    """Everybody who may sign in."""
    with open_center(options.dir) as center, center.database.reading() as connection:
        members = list_members(connection)
    lines = [f"{member.name}  {member.role}" for member in members]
    return Answer({"staff": msgspec.to_builtins(members)}, "\n".join(lines) or "Nobody may sign in yet.")


def remove(options: argparse.Namespace) -> Answer:
    """Take somebody's access away."""
    with open_center(options.dir) as center, center.database.writing() as connection:
        removed = remove_member(connection, options.name)
    done = "may not sign in any more" if removed else "could not sign in before either"
    return Answer({"name": options.name, "changed": removed}, f"{options.name} {done}.")


def _password() -> str:
    password = read_secret("Password: ")
    if sys.stdin.isatty() and read_secret("Once more: ") != password:
        raise CenterError("bad_password", "the two passwords differ")
    return password
