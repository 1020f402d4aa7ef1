# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl`` on a client computer: where it looks for its license server, whether it would get a license, and why not.

docs/specification.md, sections 4 and 8. What these commands need beyond the standard library is imported when one of
them is carried out, so that the others start fast.
"""

import argparse
import os
import re
import stat
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licserver.cli._output import EXIT_NO, Answer, UsageError
from licserver.cli._tables import table
from licserver.days import days_left, in_days
from licserver.errors import LicensingError
from licserver.files import write_atomically
from licserver.ini_text import IniError, IniText, parse_servers
from licserver.system import this_system

if TYPE_CHECKING:
    from licserver.component.connection import Connection
    from licserver.component.inspection import Inspector
    from licserver.component.settings import ClientSettings
    from licserver.kit import Kit

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""As in :data:`licserver.documents.Name`."""
_MORE = re.compile(rf"({_NAME.pattern}):({_NAME.pattern})=(1000000|[1-9][0-9]{{0,5}})")
_MOST_SECONDS = 3600.0


def add_client_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands to ``licctl``."""
    verbs = commands.add_parser("server", help="where this computer looks for its license server")
    setting = verbs.add_subparsers(required=True, metavar="SERVER_COMMAND").add_parser(
        "set", help="name the addresses, in order of preference"
    )
    setting.add_argument("servers", metavar="ADDRESS", nargs="+", help="*LOCAL, *AUTO, host, host:port or [IPv6]:port")
    _add_ini_option(setting)
    setting.set_defaults(carry_out=_server_set)

    retry = commands.add_parser("retry", help="try to reach the license server again, and say why it cannot be")
    _add_ini_option(retry)
    retry.set_defaults(carry_out=_retry)

    check = commands.add_parser("check", help="whether this computer would get a license; takes none")
    _add_who(check, product_needed=True)
    check.add_argument(
        "--without-key", metavar="KEY_NUMBER", type=_name, action="append", default=[], help="as if this key were lost"
    )
    pack = "as if a pack were added"
    check.add_argument("--more", metavar="KEY:COUNTER=LICENSES", type=_more, action="append", default=[], help=pack)
    check.set_defaults(carry_out=_check)

    license = commands.add_parser(
        "license", help="what the license says that this computer gets; takes one and gives it back"
    )
    _add_who(license, product_needed=True)
    _add_kit(license)
    license.set_defaults(carry_out=_license)

    doctor = commands.add_parser("doctor", help="why no server is found or no license given, step by step")
    _add_who(doctor, product_needed=False)
    _add_kit(doctor)
    doctor.add_argument("--seconds", type=_seconds, default=5.0, help="how long to wait for each answer (default: 5)")
    doctor.set_defaults(carry_out=_doctor)


def _add_ini_option(parser: argparse.ArgumentParser) -> None:
    default = this_system().client_ini_path
    parser.add_argument("--client-ini", type=Path, default=default, help="default: %(default)s")


def _add_who(parser: argparse.ArgumentParser, *, product_needed: bool) -> None:
    _add_ini_option(parser)
    parser.add_argument("--product", type=_name, required=product_needed, help="the product's name in its licenses")
    parser.add_argument("--counter", type=_name, help="one counter of the key; otherwise any")
    parser.add_argument("--user", help="who would use it (default: who runs the command)")


def _add_kit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kit", type=Path, help="the vendor's kit, to check that a product would believe the license")


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name: at most 64 letters, digits, dots, dashes")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds, more than 0 and at most an hour")
    return seconds


def _more(text: str) -> tuple[str, str, int]:
    match = _MORE.fullmatch(text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY:COUNTER=LICENSES, as in 100-0001:main=5")
    return match[1], match[2], int(match[3])


def _server_set(arguments: argparse.Namespace) -> Answer:
    path: Path = arguments.client_ini
    before = path.read_bytes() if path.exists() else None
    try:
        servers = parse_servers(",".join(arguments.servers))
    except ValueError as error:
        raise UsageError(str(error), hint="Name *LOCAL, *AUTO or addresses, as in branch.example.org:15200") from error
    try:
        ini = IniText.parse(before or b"")
        if not _says(ini, servers):
            ini.set("server", ",".join(servers))
        after = ini.to_bytes()
    except IniError as error:
        raise LicensingError("bad_client_ini", f"{path}: {error}", hint="Correct the file") from error
    if after != before:
        _replace(path, after)
    text = f"{path} says server={','.join(servers)}{' already' if after == before else ''}."
    return Answer({"changed": after != before, "path": str(path), "servers": servers}, text)


def _says(ini: IniText, servers: list[str]) -> bool:
    try:
        return parse_servers(ini.get("server") or "") == servers
    except ValueError:
        return False


def _replace(path: Path, data: bytes) -> None:
    """Write the file as it is readable now, or, a new one, so that every user of the product can read it."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    before = path.stat() if path.exists() else None
    write_atomically(path, data, mode=0o644 if before is None else stat.S_IMODE(before.st_mode))
    if sys.platform != "win32" and before is not None:
        os.chown(path, before.st_uid, before.st_gid)


def _retry(arguments: argparse.Namespace) -> Answer:
    from licserver.component.connection import Connection
    from licserver.component.errors import ComponentError
    from licserver.component.find import candidates

    settings = _settings(arguments)
    failed: list[dict[str, Any]] = []
    for _, server, address in candidates(settings.servers):
        if address is None:
            failed.append({"server": server, "code": "nobody_answered", "message": "no server answered the search"})
            continue
        try:
            connection = Connection(address, settings.tls_pins)
        except ComponentError as error:
            failed.append({"server": server, "code": error.code, "message": error.message})
            continue
        connection.close()
        found = {"entry": server, **_server_of(connection)}
        text = "\n".join([*map(_attempt_text, failed), f"{server}: the license server {found['name']} answers"])
        return Answer({"found": found, "failed": failed}, text)
    text = "\n".join([*map(_attempt_text, failed), "No license server was found. `licctl doctor` looks for the cause."])
    return Answer({"found": None, "failed": failed}, text, EXIT_NO)


def _attempt_text(attempt: Mapping[str, Any]) -> str:
    return f"{attempt['server']}: {attempt['message']}"


def _check(arguments: argparse.Namespace) -> Answer:
    import msgspec

    from licserver.wire.messages import MoreLicenses, Suppose

    more: list[MoreLicenses] = [
        MoreLicenses(key_number=key, counter=counter, licenses=licenses) for key, counter, licenses in arguments.more
    ]
    supposed = Suppose(without_keys=tuple(arguments.without_key), more=tuple(more))
    inspector = _inspector(arguments)
    connection, checked = inspector.check_first(supposed if arguments.without_key or more else None)
    data = msgspec.to_builtins(checked)
    data = {name: value for name, value in data.items() if name not in ("type", "id")} | {
        "server": _server_of(connection)
    }
    return Answer(data, _check_text(data), 0 if checked.allowed else EXIT_NO)


def _check_text(data: Mapping[str, Any]) -> str:
    server = f"the license server {data['server']['name']} at {data['server']['address']}"
    if data["allowed"]:
        return f"Yes: {server} would give a license of the counter {data['counter']} of the key {data['key_number']}."
    rows = [(one["user"], one["computer"], _time(one["since"])) for one in data["holders"]]
    return "\n".join(
        [
            f"No: {data['message']}.",
            *([f"{data['hint']}."] if data["hint"] else []),
            f"So says {server}.",
            *([table(("USER", "COMPUTER", "SINCE"), rows)] if rows else []),
        ]
    )


def _license(arguments: argparse.Namespace) -> Answer:
    import msgspec

    from licserver.component.inspection import GIVE_BACK_SECONDS

    kit = _read_kit(arguments.kit)
    inspector = _inspector(arguments)
    loan = inspector.borrow()
    try:
        if kit is not None:
            inspector.check_with(kit)
        license, grant, address = loan.trusted.license, loan.trusted.grant, str(loan.address)
    finally:
        loan.give_back(seconds=GIVE_BACK_SECONDS)
    shown = ("key_number", "product", "product_name", "vendor", "reactivation", "activation", "issued_at", "expires_at")
    data = {
        **{name: getattr(license, name) for name in shown},
        "days_left": None if license.expires_at is None else days_left(license.expires_at, grant.issued_at),
        "counters": msgspec.to_builtins(license.counters),
        "counter": grant.counter,
        "company": license.company.name,
        "server": address,
        "checked": kit is not None,
    }
    return Answer({"license": data}, _license_text(data))


def _license_text(data: Mapping[str, Any]) -> str:
    counters = [f"{one['name']} ({one['type']}) {one['limit']}" for one in data["counters"]]
    expires = "never"
    if data["expires_at"] is not None:
        expires = f"{_time(data['expires_at'])}, {in_days(data['days_left'])} left"
    return "\n".join(
        [
            f"Product:  {data['product_name']} ({data['product']}) of {data['vendor']}",
            f"Key:      {data['key_number']}, on {data['server']}",
            f"Licenses: {', '.join(counters)}; this computer gets one of {data['counter']}",
            f"Issued:   {_time(data['issued_at'])}" + (f" to {data['company']}" if data["company"] else ""),
            f"Expires:  {expires}",
            *([] if data["checked"] else ["Name the vendor's kit with --kit to check that this is true."]),
        ]
    )


def _doctor(arguments: argparse.Namespace) -> Answer:
    import dataclasses

    from licserver.component.doctor import Doctor

    diagnosis = Doctor(
        arguments.client_ini,
        product=arguments.product,
        counter=arguments.counter,
        user=arguments.user,
        kit=_read_kit(arguments.kit),
        seconds=arguments.seconds,
    ).examine()
    steps = [dataclasses.asdict(step) for step in diagnosis.steps]
    data = {"well": diagnosis.well, "steps": steps}
    return Answer(data, _doctor_text(data, arguments.product), 0 if diagnosis.well else EXIT_NO)


def _doctor_text(data: Mapping[str, Any], product: str | None) -> str:
    lines = []
    for step in data["steps"]:
        where = f"{step['server']}: " if step["server"] else ""
        lines.append(f"{step['outcome']:<8} {step['name']:<11} {where}{step['message']}")
        if step["hint"]:
            lines.append(f"{'':<21}{step['hint']}")
    if not data["well"]:
        return "\n".join([*lines, "This computer gets no license." if product else "No license server was found."])
    good = (
        "This computer would get a license." if product else "There is a license server; --product asks for a license."
    )
    return "\n".join([*lines, good])


def _inspector(arguments: argparse.Namespace) -> "Inspector":
    from licserver.component.inspection import Inspector

    return Inspector(
        arguments.product,
        settings=_settings(arguments),
        counter=arguments.counter,
        user=arguments.user,
    )


def _settings(arguments: argparse.Namespace) -> "ClientSettings":
    """What the client's ini says; without one the server of this computer is asked, unless another file was named."""
    from licserver.component.settings import read_client_settings

    path: Path = arguments.client_ini
    if path != this_system().client_ini_path and not path.exists():
        raise LicensingError(
            "no_client_ini", f"{path} is not there", hint="Name the client's ini, or leave the option out"
        )
    return read_client_settings(path)


def _server_of(connection: "Connection") -> dict[str, str]:
    welcome = connection.welcome
    return {"address": str(connection.address), "name": welcome.name, "server_id": welcome.server_id}


def _read_kit(path: Path | None) -> "Kit | None":
    if path is None:
        return None
    from licserver.kit import read_kit

    return read_kit(path.read_bytes())


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
