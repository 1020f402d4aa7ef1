# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why no license server is found or no license given: everything on the way from ``client.ini`` to the license is
looked at in order, and every server that it names, also beyond the first one that answers.

docs/specification.md, section 4; docs/protocol.md, "Findings of licctl doctor".
"""

import contextlib
import dataclasses
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from licserver.component.connection import Connection
from licserver.component.errors import ClientSettingsError
from licserver.component.find import addresses
from licserver.component.inspection import Inspector, examine_license
from licserver.component.reachability import Place, Step
from licserver.component.settings import ClientSettings, read_client_settings
from licserver.ini_text import AUTO_SERVER
from licserver.kit import Kit
from licserver.settings import DISCOVERY_PORT
from licserver.system import this_system

_GOES_ON_AFTER = {"untrusted_server", "connection_lost"}
"""What keeps a client from taking a server's answer, also when it was greeted."""


@dataclass(frozen=True)
class Diagnosis:
    """What was found.

    :ivar well: the first server that answers, and can be believed, would give a license, or, where no product was
        named, there is one.
    """

    well: bool
    steps: tuple[Step, ...]


class Doctor:
    """Looks for the cause.

    :param path: the ``client.ini`` to look at.
    :param product: the product that is to get a license; without one only the way to the servers is looked at.
    :param kit: the vendor's kit. With it a license that would be given is taken for a moment and its proof checked.
    :param seconds: how long to wait for each answer.
    """

    def __init__(
        self,
        path: Path,
        *,
        product: str | None = None,
        counter: str | None = None,
        user: str | None = None,
        kit: Kit | None = None,
        seconds: float = 5.0,
    ) -> None:
        self._path = path
        self._product = product
        self._counter = counter
        self._user = user
        self._kit = kit
        self._seconds = seconds

    def examine(self) -> Diagnosis:
        """Look at everything in order."""
        try:
            settings = read_client_settings(self._path)
        except ClientSettingsError as error:
            return Diagnosis(False, (Step("client.ini", "failed", error.message, error.hint, error.code),))
        steps = [self._ini_step(settings)]
        verdicts = []
        for server in settings.servers:
            for found in self._examine_server(server, settings):
                steps += found
                verdicts.append(_verdict(found))
        return Diagnosis(next((verdict for verdict in verdicts if verdict is not None), False), tuple(steps))

    def _ini_step(self, settings: ClientSettings) -> Step:
        says = ", ".join(
            [
                f"server={','.join(settings.servers)}",
                "an access code" if settings.access_code else "no access code",
                f"TLS to {len(settings.tls_pins)} known certificates" if settings.tls_pins else "no TLS",
            ]
        )
        if not self._path.exists():
            hint = "licctl server set ADDRESS"
            missing = f"there is no {self._path}, so the license server is looked for on this computer"
            return Step("client.ini", "warning", missing, hint, "no_client_ini")
        if sys.platform != "win32" and not self._path.stat().st_mode & stat.S_IROTH:
            status = self._path.stat()
            user, group = _named(self._path.owner, status.st_uid), _named(self._path.group, status.st_gid)
            hint = "See that the product runs under an account that may read it"
            return Step(
                "client.ini",
                "warning",
                f"{self._path} says {says}; only {user} and the group {group} may read it",
                hint,
                "private_ini",
            )
        return Step("client.ini", "ok", f"{self._path} says {says}")

    def _examine_server(self, server: str, settings: ClientSettings) -> Iterator[list[Step]]:
        """What was found at each address that an entry stands for."""
        is_found = False
        started = time.monotonic()
        for address in addresses(server):
            is_found = True
            found = []
            if server == AUTO_SERVER:
                took = f"after {1000 * (time.monotonic() - started):.0f} ms"
                found.append(Step("search", "ok", f"a server at {address} answered {took}", server=server))
            looked = time.monotonic()
            place = Place(server, address, settings.tls_pins, seconds=self._seconds)
            connection = place.connect()
            found += place.steps
            if connection is not None:
                with contextlib.closing(connection):
                    found += self._examine_license(server, connection, settings)
            yield found
            started += time.monotonic() - looked  # the search did not last while this one was looked at
        if not is_found:
            yield [_nobody_answered(server)]

    def _examine_license(self, server: str, connection: Connection, settings: ClientSettings) -> Iterator[Step]:
        if self._product is not None:
            inspector = Inspector(self._product, settings=settings, counter=self._counter, user=self._user)
            for step in examine_license(inspector, connection, self._kit):
                yield dataclasses.replace(step, server=server)


def _named(name: Callable[[], str], number: int) -> str:
    try:
        return name()
    except KeyError:  # of an account that this computer does not know
        return str(number)


def _verdict(found: list[Step]) -> bool | None:
    """Whether a product would run with what was found at one address; ``None`` where it would go on to the next one."""
    if not any(step.name == "server" and step.outcome == "ok" for step in found):
        return None
    problems = {step.code for step in found if step.outcome == "failed"}
    return None if problems & _GOES_ON_AFTER else not problems


def _nobody_answered(server: str) -> Step:
    networks = ", ".join(f"{own} (to {broadcast})" for own, broadcast in this_system().broadcast_addresses())
    return Step(
        "search",
        "failed",
        f"no license server answered the broadcast on UDP {DISCOVERY_PORT} from {networks or 'this computer alone'}",
        "Broadcasts end at routers, firewalls must let UDP pass, a server with Local=1 answers its own computer only; "
        "name the server's address: licctl server set ADDRESS",
        "nobody_answered",
        server,
    )
