# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts a server together from its ini and its state folder, runs it, and takes it apart again."""

import asyncio
import contextlib
import functools
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from licserver import __version__
from licserver.errors import LicensingError
from licserver.events.alarms import Alarms
from licserver.events.moments import Moment, this_moment
from licserver.events.stored import LEDGER_NAME
from licserver.keys.keyring import KITS
from licserver.keys.options import OPTIONS_NAME, OptionsFile
from licserver.seats.ledger import Ledger, LedgerError
from licserver.seats.salvage import open_ledger
from licserver.server.activations import Activations
from licserver.server.announcement import Announcement
from licserver.server.configuration import Configuration
from licserver.server.control import control_text
from licserver.server.desk import Desk
from licserver.server.discovery import DiscoveryPort
from licserver.server.eventlog import EventLog
from licserver.server.gate import Gate
from licserver.server.identity import read_server_id
from licserver.server.journal import Journal
from licserver.server.key_keeper import KeyKeeper
from licserver.server.latencies import Latencies
from licserver.server.listening import bind_discovery, bind_tcp, give_up_others
from licserver.server.metrics import Metrics
from licserver.server.reloading import Reloader
from licserver.server.reports import Reports
from licserver.server.restarting import Restarter
from licserver.server.sessions import Sessions
from licserver.server.settings_keeper import SettingsKeeper
from licserver.server.signed_in import SIGNED_IN_NAME, SignedIn
from licserver.server.support import Support
from licserver.server.tcp import LicensePort
from licserver.server.tokens import TOKENS_NAME, open_tokens
from licserver.server.usage_keeper import UsageKeeper
from licserver.server.visitors import Room
from licserver.server.watch import Watch
from licserver.server.web import Parts, make_app
from licserver.server.webport import WebServer
from licserver.service import ServiceHost
from licserver.settings import DISCOVERY_PORT
from licserver.system import this_system

TICK_SECONDS = 1.0

_log = logging.getLogger(__name__)


class LicenseServer:
    """One server: its settings, its keys and everything that listens."""

    def __init__(self, ini: Path, state: Path, *, moment: Callable[[], Moment] = this_moment) -> None:
        def clock() -> float:
            return moment().wall

        self._token = secrets.token_urlsafe(32)
        self._state = state
        self.configuration = Configuration.load(ini, state)
        self._signed_in = SignedIn(state / SIGNED_IN_NAME, clock=clock)
        self._ledger = open_ledger(state / LEDGER_NAME, lambda path: Ledger(path, moment=moment))
        journal = Journal(self._ledger)
        self.events = EventLog(journal, clock=clock)
        self.tokens = open_tokens(state / TOKENS_NAME, self.events, clock=clock)
        self.alarms = Alarms(self.events, clock=clock)
        self.desk = Desk(
            socket.gethostname(),
            journal,
            Sessions(read_server_id(state, OptionsFile(state / OPTIONS_NAME))),
            self.events,
            idle_seconds=self.configuration.settings.idle_seconds,
            clock=clock,
        )
        self.reports = Reports(
            self.desk, self.configuration, journal, self.alarms, started_at=int(clock()), clock=clock
        )
        self.keys = KeyKeeper(state, self.desk, self.reports, self.events)
        self.activations = Activations(state, self.desk, self.keys, self.reports)
        self.usage = UsageKeeper(state, self.reports, clock=clock)
        self._renewals = Latencies()
        self.metrics = Metrics(self.reports, self.events, self._renewals)
        self._announcement = Announcement(state, self._control_text)
        self.watch = Watch(
            self.alarms,
            journal,
            self._announcement,
            [state, state / KITS, self.activations.request_folder],
            self.desk.keys,
            self.configuration,
            moment=moment,
        )
        self.reloader = Reloader(ini, state, self.configuration, self.desk.book, self.events, self._announcement.keep)
        self.settings = SettingsKeeper(ini, state, self.configuration, self.reloader, self.events)
        self.restarter = Restarter(ini, state, self.configuration, self.events)

    async def run(self, host: ServiceHost) -> bool:
        """Serve until the host says stop, or an administrator wants a restart; whether another run is to follow.

        :raises LicensingError: a port is taken, or the web page ended by itself.
        """
        stop, again, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        host.stop_on_request(stop)
        self.restarter.call_to_end(again.set)
        room = Room.of(this_system().raise_open_files())
        settings, address = self.configuration.settings, self.configuration.settings.listen_address
        with contextlib.ExitStack() as sockets:
            passed = host.passed_sockets()
            give_up_others(passed, address, (settings.port, settings.web_port))
            license_socket = sockets.enter_context(bind_tcp("the license port", address, settings.port, "port", passed))
            web_socket = sockets.enter_context(bind_tcp("the web page", address, settings.web_port, "WebPort", passed))
            discovery = [sockets.enter_context(bound) for bound in bind_discovery(address, DISCOVERY_PORT)]
            await self.keys.tokens.first_look()
            await self.keys.load()
            port = LicensePort(self.desk, self.configuration, room, self._renewals)
            await port.start([license_socket])
            for bound in discovery:
                answering, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    functools.partial(self._discovery_port, bound), sock=bound
                )
                sockets.callback(answering.close)
            web = self._web_server(room)
            sockets.callback(self._announcement.end)
            serving = asyncio.create_task(web.serve([web_socket]))
            ticking = asyncio.create_task(self._tick(over, host))
            watching = asyncio.create_task(self.keys.watch_tokens(over))
            _log.info("license server %s listens on %s port %d", __version__, address or "*", settings.port)
            self.events.note("server_started", version=__version__)
            await _started(web, serving)
            host.reload_on_request(self.reloader.request)
            if not serving.done():
                host.ready()
            await _first_of(stop, again, serving)
            if again.is_set() and not stop.is_set():
                host.restarting()
            else:
                host.stopping()
            web_failed = not stop.is_set() and not again.is_set()
            over.set()
            watching.cancel()  # a library of tokens may keep its thread waiting
            web.should_exit = True
            await asyncio.gather(port.stop(), ticking, watching, serving, return_exceptions=True)
            self.events.note("server_stopped", version=__version__)
            self.usage.keep()
            await self.desk.close()
            if web_failed:
                raise LicensingError(
                    "web_failed", f"the web page has ended by itself: {serving.exception() or 'it gave no reason'}"
                ) from serving.exception()
        return again.is_set() and not stop.is_set()

    def close(self) -> None:
        """Give the ledger free."""
        self._ledger.close()

    def _discovery_port(self, bound: socket.socket) -> DiscoveryPort:
        settings = self.configuration.settings
        return DiscoveryPort(bound, self.desk.name, settings.port, self.desk.sessions, local=settings.local)

    def _web_server(self, room: Room) -> WebServer:
        gate = Gate(self.configuration, self._token, self.tokens, self._signed_in)
        self._announcement.keep()
        parts = Parts(
            self.reports,
            gate,
            self.keys,
            self.activations,
            self.metrics,
            self.reloader,
            self.settings,
            self.restarter,
            self.tokens,
            Support(self._state, self.reports, self.settings, self.metrics),
            self.usage.usage,
        )
        return WebServer(make_app(parts, room), self.configuration, room)

    def _control_text(self) -> bytes:
        settings, pin = self.configuration.settings, self.configuration.pin
        return control_text(listen_address=settings.listen_address, port=settings.web_port, token=self._token, pin=pin)

    async def _tick(self, over: asyncio.Event, host: ServiceHost) -> None:
        while not over.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(over.wait(), TICK_SECONDS)
            done = [await _carry_out(duty) for duty in (self._look, self.desk.tick, self.keys.recheck)]
            if all(done):
                host.alive()
            host.tidy_up()

    async def _look(self) -> None:
        self.watch.look()
        self.usage.look()
        self.events.sum_up()


def run_server(ini: Path, state: Path, host: ServiceHost) -> None:
    """Run the server until its host says stop.

    :raises LicensingError: bad settings, a taken port, or a state folder that cannot be used.
    """
    while _run_once(ini, state, host):
        pass


def _run_once(ini: Path, state: Path, host: ServiceHost) -> bool:
    try:
        this_system().make_private(state)
        server = LicenseServer(ini, state)
    except OSError as error:
        raise LicensingError(
            "bad_state", f"the state folder {state} cannot be used: {error.strerror}", hint="Check its owner and rights"
        ) from error
    try:
        return asyncio.run(server.run(host))
    finally:
        server.close()


async def _started(web: WebServer, serving: "asyncio.Task[None]") -> None:
    while not web.started and not serving.done():
        await asyncio.sleep(0.005)


async def _first_of(stop: asyncio.Event, again: asyncio.Event, serving: "asyncio.Task[None]") -> None:
    waiting = [asyncio.create_task(event.wait()) for event in (stop, again)]
    await asyncio.wait({*waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()


async def _carry_out(duty: Callable[[], Awaitable[None]]) -> bool:
    """One of the duties of every second; false if it met an accident."""
    try:
        await duty()
    except LedgerError as error:
        _log.debug("%s", error)  # an alarm says so, once
    except LicensingError as error:
        _log.error("%s", error)
    except Exception:
        _log.exception("a duty of every second could not be done; it is tried again")
        return False
    return True
