# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Products whose license server dies again and again: they hold on to what was granted, and write down for how long.

A holder may count on a license from the moment at which the grant reached it until it sends its logout. What it cannot
know (an answer was lost) it asks again, until the server has told it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event

import msgspec

from benchmarks._load.instances import HELLO, Instance
from licserver.kit import Kit
from licserver.wire.messages import AnyAnswer, Failed, Freed, Granted, Renewed, Welcome

PATIENCE_SECONDS = 70.0

_answers = msgspec.json.Decoder(AnyAnswer)


@dataclass
class Held:
    """A license that was in force at least from one moment to the other, by a clock that all processes share."""

    lease: str
    since: float
    until: float


@dataclass
class Diary:
    """What the holders of one process saw.

    :ivar broken: promises that were not kept, in words.
    """

    held: list[Held] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    renewals: int = 0
    denials: int = 0
    losses: int = 0


def hold(address: tuple[str, int], kit: Kit, holders: int, seed: int, stop: Event) -> Diary:
    """Log in, renew and log out at random until ``stop``; then renew once more, log out, and tell."""
    return asyncio.run(_hold(address, kit, holders, seed, stop))


async def _hold(address: tuple[str, int], kit: Kit, holders: int, seed: int, stop: Event) -> Diary:
    diary, stopping = Diary(), asyncio.Event()
    at_work = [_Holder(address, kit, diary, random.Random(f"{seed} {number}")) for number in range(holders)]
    working = asyncio.gather(*(one.work(stopping) for one in at_work))
    while not (stop.is_set() or working.done()):
        await asyncio.sleep(0.02)
    stopping.set()
    await working
    return diary


class _Holder:
    def __init__(self, address: tuple[str, int], kit: Kit, diary: Diary, chance: random.Random) -> None:
        self._address = address
        self._kit = kit
        self._diary = diary
        self._chance = chance
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def work(self, stopping: asyncio.Event) -> None:
        """One license after the other, each by a new instance."""
        while not stopping.is_set():
            instance = Instance("holder")
            if not await self._log_in(instance):
                await asyncio.sleep(self._chance.uniform(0, 0.05))
                continue
            held = Held(instance.lease, time.monotonic(), 0.0)
            while self._chance.random() < 0.9 and not stopping.is_set():
                await self._use(instance)
                await asyncio.sleep(self._chance.uniform(0, 0.02))
            if stopping.is_set():
                await self._renew(instance)
            held.until = time.monotonic()
            self._diary.held.append(held)
            await self._log_out(instance)
        self._hang_up()

    async def _use(self, instance: Instance) -> None:
        choice = self._chance.random()
        if choice < 0.05:
            self._hang_up()
        elif choice < 0.10:
            await self._log_in_again(instance)
        else:
            await self._renew(instance)

    async def _log_in(self, instance: Instance) -> bool:
        line, answer, _ = await self._until_answered(lambda: instance.login_line(self._welcome))
        if not isinstance(answer, Granted):
            self._expect_refusal(answer, "login", "no_free_license")
            self._diary.denials += 1
            return False
        instance.hold(line)
        instance.check_granted(self._kit)
        return True

    async def _log_in_again(self, instance: Instance) -> None:
        lease = instance.lease
        line, answer, _ = await self._until_answered(lambda: instance.login_line(self._welcome))
        if isinstance(answer, Granted):
            instance.hold(line)
        if not isinstance(answer, Granted) or instance.lease != lease:
            self._diary.broken.append(f"the holder of {lease} logged in again and did not find it: {answer}")

    async def _renew(self, instance: Instance) -> None:
        line, answer, _ = await self._until_answered(instance.renewal)
        if isinstance(answer, Renewed):
            instance.check_renewed(line)
            self._diary.renewals += 1
        else:
            self._diary.broken.append(f"the lease {instance.lease} was not renewed: {answer}")

    async def _log_out(self, instance: Instance) -> None:
        _, answer, repeated = await self._until_answered(instance.leave)
        if not isinstance(answer, Freed) and not (repeated and _code(answer) == "unknown_lease"):
            self._diary.broken.append(f"the lease {instance.lease} could not be ended: {answer}")

    def _expect_refusal(self, answer: AnyAnswer, what: str, code: str) -> None:
        if _code(answer) != code:
            self._diary.broken.append(f"{what} was answered with {answer}")

    async def _until_answered(self, make: Callable[[], bytes]) -> tuple[bytes, AnyAnswer, bool]:
        """The answer to a request, and whether it had to be said more than once."""
        deadline, repeated = time.monotonic() + PATIENCE_SECONDS, False
        while True:
            try:
                line = await self._ask(make)
                return line, _answers.decode(line), repeated
            except (OSError, EOFError):
                assert time.monotonic() < deadline, "the server does not come back"
                self._hang_up()
                self._diary.losses += 1
                repeated = True
                await asyncio.sleep(0.1)

    async def _ask(self, make: Callable[[], bytes]) -> bytes:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._address)
            welcome = _answers.decode(await self._say(HELLO))
            assert isinstance(welcome, Welcome)
            self._welcome = welcome
        return await self._say(make())

    async def _say(self, line: bytes) -> bytes:
        assert self._streams is not None
        reader, writer = self._streams
        writer.write(line)
        return await reader.readuntil()

    def _hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def most_at_once(held: Sequence[Held]) -> int:
    """How many licenses were in force at the same time."""
    changes = sorted([(one.since, 1) for one in held] + [(one.until, -1) for one in held])
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def _code(answer: AnyAnswer) -> str:
    return answer.code if isinstance(answer, Failed) else ""
