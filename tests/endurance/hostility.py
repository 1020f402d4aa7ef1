# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A license server under attack of every kind at once, while an honest client wants to be served."""

from __future__ import annotations

import resource
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Event

from benchmarks._load.servers import license_server, memory
from licserver.kit import Kit
from licserver.settings import DISCOVERY_PORT
from server_core.tests.helpers import Vendor
from server_core.tests.running import PORT
from tests.endurance import attackers
from tests.endurance.probe import Waits, probe

GOAL_SECONDS = 0.1
MOST_MEMORY = 200.0
"""MB. What a server may have at most, whatever is sent to it."""
ENOUGH = 0.99
"""The part of an attack that must have come about."""
_OPENED, _AT_ONCE = "connections that said next to nothing", "of them at once"
OPEN_FILES = 65_536
START_SECONDS = 60.0
LOITERERS = ("127.202.0.1", "127.202.0.2")
"""Two, because the server gives each address a quarter of its connections, which may be fewer than wanted here."""

_stop: Event


@dataclass(frozen=True)
class Scale:
    """How much of everything.

    :ivar per_second: of datagrams, of lines, and of requests of the flood.
    """

    datagrams: int
    lines: int
    half_open: int
    flooding: int
    per_second: float


@dataclass
class Siege:
    """What came of it: memory in MB, waits in seconds."""

    waits: Waits
    wanted: dict[str, int]
    sent: dict[str, int]
    memory_before: float
    memory_peak: float
    memory_after: float
    log: str

    @property
    def problems(self) -> list[str]:
        """Everything that must not be but slowness, in words."""
        found = []
        if self.memory_peak > MOST_MEMORY:
            found.append(f"the server had {self.memory_peak:.0f} MB at its peak, of {MOST_MEMORY:.0f}")
        if "Traceback" in self.log or "ERROR" in self.log:
            found.append("the server's log has an error:\n" + self.log[-4000:])
        if not (self.waits.renewals and self.waits.newcomers and self.waits.searches):
            found.append("the honest client was not served at all")
        found += [f"of {self.wanted[what]} {what} there were {self.sent[what]}" for what in self._lacking()]
        return found

    @property
    def slowest(self) -> float:
        """The longest wait of the honest client."""
        return max(self.waits.renewals + self.waits.newcomers + self.waits.searches)

    def _lacking(self) -> list[str]:
        return [what for what, count in self.wanted.items() if self.sent[what] < count * ENOUGH]

    def __str__(self) -> str:
        lines = [", ".join(f"{count} {what}" for what, count in self.sent.items())]
        before, peak, after = self.memory_before, self.memory_peak, self.memory_after
        lines.append(f"memory: {before:.0f} MB before, {peak:.0f} at the peak, {after:.0f} after")
        for what, waits in vars(self.waits).items():
            ordered = sorted(waits)
            middle, most, longest = (ordered[int((len(ordered) - 1) * part)] * 1000 for part in (0.5, 0.99, 1.0))
            within = f"half within {middle:.1f} ms, 99 % within {most:.1f} ms, all within {longest:.1f} ms"
            lines.append(f"{what}: {len(waits)}, {within}")
        return "\n".join(lines)


def besiege(scale: Scale, *, tls: bool = False) -> Siege:
    """Attack a server until everything is sent; with TLS, plain lines and altered handshakes are the garbage, and the
    connections that are left open say nothing at all."""
    _allow_open_files()
    vendor, context = Vendor(), get_context("spawn")
    stop = context.Event()
    with (
        license_server(vendor, keys=1, licenses=100, TLS=int(tls)) as server,
        ProcessPoolExecutor(7, context, initializer=_remember, initargs=(stop,)) as pool,
    ):
        address = (server.start(START_SECONDS).address, PORT)
        assert server.process is not None
        before = memory(server.process)
        honest = pool.submit(_probe, address, vendor.kit, tls)
        share, said = scale.half_open // len(LOITERERS), b"" if tls else attackers.ALL_BUT_A_HELLO
        loitering = [pool.submit(_loiter, address, one, share, said) for one in LOITERERS]
        flooding = pool.submit(_flood, address, "127.202.0.3", scale.flooding, scale.per_second, tls)
        finite = {
            "hostile datagrams": pool.submit(
                attackers.send_datagrams, address[0], DISCOVERY_PORT, "127.202.0.4", scale.datagrams, scale.per_second
            ),
            "hostile lines": pool.submit(attackers.send_lines, address, "127.202.0.5", scale.lines, scale.per_second),
        }
        if tls:
            handshakes = scale.lines // 20
            finite["altered handshakes"] = pool.submit(
                attackers.greet_with_garbage, address, "127.202.0.6", handshakes, scale.per_second / 20
            )
        try:
            sent = {what: future.result() for what, future in finite.items()}
        finally:
            stop.set()
        opened, at_once = map(sum, zip(*(one.result() for one in loitering), strict=True))
        sent |= {_OPENED: opened, _AT_ONCE: at_once, "requests of a flood": flooding.result()}
        wanted = {"hostile datagrams": scale.datagrams, "hostile lines": scale.lines, _AT_ONCE: scale.half_open}
        peak, after = memory(server.process, "VmHWM"), memory(server.process)
        return Siege(honest.result(), wanted, sent, before, peak, after, server.log.read_text())


def _allow_open_files() -> None:
    """Room for 5,000 connections of one address, on either side; inherited by the server and the attackers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, max(most, OPEN_FILES)))
    except (ValueError, PermissionError):  # only root may; then the server hangs up on some of them
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _remember(stop: Event) -> None:
    global _stop
    _stop = stop


def _probe(address: tuple[str, int], kit: Kit, tls: bool) -> Waits:
    return probe(address, kit, _stop, tls=tls)


def _loiter(address: tuple[str, int], source: str, connections: int, said: bytes) -> tuple[int, int]:
    return attackers.loiter(address, source, connections, said, _stop)


def _flood(address: tuple[str, int], source: str, connections: int, per_second: float, tls: bool) -> int:
    return attackers.flood(address, source, connections, per_second, _stop, tls=tls)
