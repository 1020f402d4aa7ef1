# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a server together from its ini and its state folder, runs it, and takes it apart again."""

import asyncio
import contextlib
import logging
import secrets
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from licserver import __version__
from licserver.activation import ActivationError
from licserver.errors import LicensingError
from licserver.files import write_atomically
from licserver.keys import KeyFileError
from licserver.keys.keyring import AttachedKey, KeyFolder
from licserver.keys.options import KeyOptions, OptionsFile
from licserver.seats.ledger import Ledger
from licserver.server.activate import ActivationOrder, Activator
from licserver.server.control import control_path, control_text
from licserver.server.desk import Desk
from licserver.server.discovery import DiscoveryPort
from licserver.server.eventlog import EventLog
from licserver.server.gate import Gate
from licserver.server.journal import Journal
from licserver.server.listening import bind_discovery, bind_tcp
from licserver.server.reports import Reports
from licserver.server.sessions import Sessions
from licserver.server.tcp import LicensePort
from licserver.server.visitors import Room
from licserver.server.web import make_app
from licserver.server.webport import WebServer
from licserver.service import ServiceHost
from licserver.settings import DISCOVERY_PORT, Settings, read_settings
from licserver.system import this_system

TICK_SECONDS = 1.0
RECHECK_SECONDS = 10.0
"""After so long a broken key is looked at again: at boot, a disk or a network card may come after the server."""

_log = logging.getLogger(__name__)


class LicenseServer:
    """One server: its settings, its keys and everything that listens."""

    def __init__(self, settings: Settings, state: Path) -> None:
        self._settings = settings
        self._state = state
        self._folder = KeyFolder(state)
        self._options = OptionsFile(state / "keys.json")
        self._reader = this_system().fact_reader()
        self._activator = Activator(state, self._folder, self._reader)
        self._activating: dict[str, asyncio.Lock] = {}
        self._looking = asyncio.Lock()
        self._setting = asyncio.Lock()
        self._ledger = Ledger(state / "leases.sqlite")
        journal = Journal(self._ledger)
        self.events = EventLog(journal)
        self.desk = Desk(
            socket.gethostname(),
            journal,
            Sessions(_server_id(state)),
            self.events,
            idle_seconds=settings.idle_seconds,
        )
        self.reports = Reports(self.desk, settings, started_at=int(time.time()))

    async def load_keys(self) -> None:
        """Look again at what is attached."""
        async with self._looking:  # what was seen later must not be replaced by what was seen before
            self.desk.attach(*await asyncio.to_thread(self._look))
            self._looked_at = time.monotonic()

    def _look(self) -> tuple[list[AttachedKey], dict[str, KeyOptions]]:
        return self._folder.attached(self._reader), self._options.read()

    async def run(self, host: ServiceHost) -> None:
        """Serve until the host says stop.

        :raises LicensingError: a port is taken, or the web page ended by itself.
        """
        stop = asyncio.Event()
        host.stop_on_request(stop)
        room = Room.of(this_system().raise_open_files())
        settings, address = self._settings, self._settings.listen_address
        with contextlib.ExitStack() as sockets:
            license_socket = sockets.enter_context(bind_tcp("the license port", address, settings.port, "port"))
            web_socket = sockets.enter_context(bind_tcp("the web page", address, settings.web_port, "WebPort"))
            discovery = [sockets.enter_context(bound) for bound in bind_discovery(address, DISCOVERY_PORT)]
            await self.load_keys()
            port = LicensePort(self.desk, room)
            await port.start([license_socket])
            for bound in discovery:
                answering, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    self._discovery_port, sock=bound
                )
                sockets.callback(answering.close)
            web = self._web_server(room)
            sockets.callback(control_path(self._state).unlink, missing_ok=True)
            serving = asyncio.create_task(web.serve([web_socket]))
            ticking = asyncio.create_task(self._tick(stop))
            _log.info("license server %s listens on %s port %d", __version__, address or "*", settings.port)
            await _started(web, serving)
            if not serving.done():
                host.ready()
            await _first_of(stop, serving)
            host.stopping()
            web_failed = not stop.is_set()
            stop.set()
            web.should_exit = True
            await asyncio.gather(port.stop(), ticking, serving, return_exceptions=True)
            await self.desk.close()
            if web_failed:
                raise LicensingError(
                    "web_failed", f"the web page has ended by itself: {serving.exception() or 'it gave no reason'}"
                ) from serving.exception()

    async def activate(self, order: ActivationOrder) -> dict[str, Any]:
        """Activate a key, unless it is active already.

        :raises LicensingError: refused, or not finished.
        """
        async with self._activating.setdefault(order.key_number, asyncio.Lock()):
            await self.load_keys()  # a key may have been put back, or its computer mended, since the last look
            present = self.desk.attached.get(order.key_number)
            if present is not None and present.key is not None:
                return {"changed": False, "key": self.reports.key(present)}
            if present is not None and not order.reactivate:
                raise ActivationError(
                    "reactivation_needed",
                    f"the key {order.key_number} is here already but does not work: {present.problem}",
                    hint="To spend its next PIN on this computer, ask for a reactivation",
                )
            await self._activator.activate(order)
            await self.load_keys()
            activated = self.desk.attached[order.key_number]
            if activated.key is None:
                raise ActivationError(
                    "broken_key",
                    f"the key {order.key_number} was activated but does not work: {activated.problem}",
                    hint="If this computer changed after the request was made, ask for a reactivation",
                )
            _log.info("the key %s was activated", order.key_number)
            return {"changed": True, "key": self.reports.key(activated)}

    async def set_options(self, key_number: str, wanted: Mapping[str, Any], keep: bool = True) -> dict[str, Any]:
        """Set a key's access code, or whether it is used; what is not named stays.

        :param keep: otherwise only tell whether that would change something.
        :raises KeyFileError: no such key, or a value of the wrong kind.
        """
        async with self._setting:  # each change is made to what the one before it left
            attached = self.desk.attached.get(key_number)
            if attached is None:
                raise KeyFileError(f"no key {key_number} is attached", code="unknown_key")
            before = self.desk.options_of(key_number)
            after = await asyncio.to_thread(_changed, before, wanted, self.desk.sessions.server_id)
            if keep and after != before:
                await asyncio.to_thread(self._options.write, self.desk.options | {key_number: after})
                await self.load_keys()
            return {
                "changed": after != before,
                "changes": [name for name in ("access_code", "use") if getattr(after, name) != getattr(before, name)],
                "before": {"access_code_set": bool(before.access_code), "use": before.use},
                "key": self.reports.key(self.desk.attached.get(key_number, attached)),
            }

    def close(self) -> None:
        """Give the ledger free."""
        self._ledger.close()

    def _discovery_port(self) -> DiscoveryPort:
        settings = self._settings
        return DiscoveryPort(self.desk.name, settings.port, self.desk.sessions, local=settings.local)

    def _web_server(self, room: Room) -> WebServer:
        token = secrets.token_urlsafe(32)
        app = make_app(self.reports, Gate(self._settings, token), self.activate, self.set_options)
        address, port = self._settings.listen_address, self._settings.web_port
        text = control_text(listen_address=address, port=port, token=token)
        write_atomically(control_path(self._state), text)
        return WebServer(app, room)

    async def _tick(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK_SECONDS)
            try:
                await self.desk.tick()
                await self._recheck_broken_keys()
            except LicensingError as error:
                _log.error("%s", error)
            except Exception:
                _log.exception("the leases could not be looked through; it is tried again")

    async def _recheck_broken_keys(self) -> None:
        broken = any(one.key is None for one in self.desk.attached.values())
        if broken and time.monotonic() - self._looked_at >= RECHECK_SECONDS:
            await self.load_keys()


def run_server(ini: Path, state: Path, host: ServiceHost) -> None:
    """Run the server until its host says stop.

    :raises LicensingError: bad settings, a taken port, or a state folder that cannot be used.
    """
    settings = read_settings(ini)
    try:
        this_system().make_private(state)
        server = LicenseServer(settings, state)
    except OSError as error:
        raise LicensingError(
            "bad_state", f"the state folder {state} cannot be used: {error.strerror}", hint="Check its owner and rights"
        ) from error
    try:
        asyncio.run(server.run(host))
    finally:
        server.close()


def _changed(options: KeyOptions, wanted: Mapping[str, Any], server_id: str) -> KeyOptions:
    for name, value in wanted.items():
        match name, value:
            case "access_code", str() if value != options.access_code:
                options = options.with_access_code(value, server_id)
            case "use", bool():
                options = KeyOptions(access_code=options.access_code, derived=options.derived, use=value)
            case "access_code", str():
                pass
            case _:
                raise KeyFileError(f"a key has no option {name} of that kind", code="bad_request")
    return options


async def _started(web: WebServer, serving: "asyncio.Task[None]") -> None:
    while not web.started and not serving.done():
        await asyncio.sleep(0.005)


async def _first_of(stop: asyncio.Event, serving: "asyncio.Task[None]") -> None:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


def _server_id(state: Path) -> str:
    path = state / "server_id"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        name = secrets.token_urlsafe(12)
        write_atomically(path, name.encode())
        return name
