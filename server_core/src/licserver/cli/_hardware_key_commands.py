# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl key state``, ``key update`` and ``kit add``: hardware keys. docs/specification.md, section 7.

Standard library only, so that a command starts fast.
"""

import argparse
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from licserver.cli._output import Answer, read_kit_file
from licserver.cli._server import ask_server
from licserver.errors import LicensingError
from licserver.files import write_atomically


def add_hardware_key_commands(
    commands: "argparse._SubParsersAction[Any]", key: "argparse._SubParsersAction[Any]"
) -> None:
    """Add them to those of ``licctl`` and of ``licctl key``."""
    state = key.add_parser("state", help="what a hardware key has, as a text for the vendor")
    state.add_argument("key_number", metavar="KEY_NUMBER")
    state.add_argument("--output", type=Path, metavar="FILE", help="write it there, or into that folder")
    state.set_defaults(carry_out=_state)
    update = key.add_parser("update", help="install the vendor's update of a hardware key")
    update.add_argument("file", type=Path, metavar="FILE", help="the whole text of it; - for standard input")
    update.set_defaults(carry_out=_update)
    kit = commands.add_parser("kit", help="vendors that the server believes")
    kits = kit.add_subparsers(required=True, metavar="KIT_COMMAND")
    add = kits.add_parser("add", help="believe the keys of a vendor, as activating one of them would")
    add.add_argument("file", type=Path, metavar="FILE", help="the vendor's kit; - for standard input")
    add.add_argument("--check", action="store_true", help="change nothing, and tell whether something would change")
    add.set_defaults(carry_out=_add_kit)


def _state(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "GET", f"/keys/{quote(arguments.key_number, safe='')}/state", field="text")
    if arguments.output is None:
        return Answer(data, data["text"].rstrip("\n"))
    path = arguments.output / data["file_name"] if arguments.output.is_dir() else arguments.output
    write_atomically(path, data["text"].encode(), mode=0o644)
    told = f"The state of the key lies in {path}. Send it to the vendor, and install his answer: licctl key update FILE"
    return Answer({**data, "file": str(path)}, told)


def _update(arguments: Any) -> Answer:
    data = ask_server(arguments.asked, "POST", "/keys/updates", {"text": _read(arguments.file)}, field="key")
    key = data["key"]
    limits = ", ".join(f"{one['name']} {one['limit']}" for one in key["counters"])
    done = "is updated" if data["changed"] else "has this update already"
    return Answer(data, f"The key {key['key_number']} {done}. Licenses: {limits}")


def _add_kit(arguments: Any) -> Answer:
    path = f"/kits{'?check=true' if arguments.check else ''}"
    data = ask_server(arguments.asked, "POST", path, {"kit": read_kit_file(arguments.file)}, field="vendor")
    would = "would be believed" if arguments.check else "is believed from now on"
    was = would if data["changed"] else "was believed already"
    return Answer(data, f"The vendor {data['vendor']} {was}.")


def _read(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise LicensingError("bad_update", f"{path}: {error.strerror}", hint="Name the file of the update") from error
    return data.decode("utf-8-sig", errors="replace")
