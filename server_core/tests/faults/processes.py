# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real server processes that kill themselves (SIGKILL) before a step: the program, and whoever starts it."""

import contextlib
import os
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from licserver.cli import licserver
from licserver.cli._server import ServerNotRunningError, ask_server
from licserver.sealing import X25519PrivateKey
from server_core.tests.faults.site import PASSWORD, WAYS, RealCenter, order_of
from server_core.tests.faults.steps import Steps, watch
from server_core.tests.processes import ServerProcess
from server_core.tests.running import DEADLINE_SECONDS, Client, loopback_address, write_ini


@dataclass
class MortalServer(ServerProcess):
    """A real ``licserver run``, which may die before a step.

    :ivar last: how many steps it takes that name one of ``words``, and connections; ``None``: as many as there are.
    """

    last: int | None = None
    words: list[str] = field(default_factory=list)

    def command(self) -> list[str]:
        """See :class:`ServerProcess`."""
        run = super().command()
        return run if self.last is None else [sys.executable, "-m", __name__, str(self.last), *self.words, *run]

    def died(self) -> bool:
        """Whether it has killed itself; who asked it then has no answer any more."""
        assert self.process is not None
        return self.process.poll() is not None or self.process.wait(DEADLINE_SECONDS) == -signal.SIGKILL


class RealSite:
    """What :class:`server_core.tests.faults.site.Site` does, as the commands do it: with a server process."""

    def __init__(self, folder: Path, center: RealCenter) -> None:
        address = loopback_address()
        (folder / "state").mkdir(mode=0o700, parents=True)
        self.center = center
        self.server = MortalServer(address, write_ini(folder / "licserver.ini", address), folder / "state")
        self._product = X25519PrivateKey.generate()
        self._held: list[Client] = []

    def start(self, last: int | None, *words: str) -> None:
        """Start the server, with so many steps to live."""
        self.server.last, self.server.words = last, list(words)
        self.server.start()

    def end(self) -> None:
        for client in self._held:
            client.socket.close()
        self._held.clear()
        assert self.server.process is not None
        if self.server.process.poll() is None:
            self.server.kill()

    def activate(self, number: str) -> Any:
        return self._ask("POST", "/activations", order_of(self.center, number), "key")

    def request(self, number: str) -> str:
        return str(self._ask("POST", "/requests", order_of(self.center, number), "request")["request"]["text"])

    def request_by_phone(self, number: str) -> str:
        order = order_of(self.center, number) | {"kit": self.center.kit_of(number)}
        return str(self._ask("POST", "/requests", order, "request")["request"]["phone"]["code"])

    def load_by_phone(self, number: str, blocks: str) -> Any:
        return self._ask("POST", "/answers", {"key_number": number, "blocks": blocks}, "key")

    def load(self, answer: str) -> Any:
        return self._ask("POST", "/answers", {"text": answer}, "key")

    def activate_pack(self, number: str) -> Any:
        self._work()
        return self._ask("POST", "/packs", {"key_number": number, "pack": number, "password": PASSWORD}, "key")

    def request_pack(self, number: str) -> str:
        self._work()
        order = {"key_number": number, "pack": number, "password": PASSWORD}
        return str(self._ask("POST", "/requests", order, "request")["request"]["text"])

    def state_of(self, number: str) -> tuple[str, int, int]:
        (found,) = self._ask("GET", "/keys", None, "keys")["keys"]
        waiting = self._ask("GET", "/requests", None, "requests")["requests"]
        return found["state"], found["counters"][0]["limit"], len(waiting)

    def _work(self) -> None:
        """Have the product run and hold a license."""
        client = Client(self.server.address, private=self._product)
        self._held.append(client)
        client.take()

    def _ask(self, method: str, path: str, body: Any, field: str) -> Any:
        return ask_server(self.server.state, method, path, body, field=field)


def kill_real_server(center: RealCenter, folder: Path, way: str, at: int, last: int) -> tuple[bool, list[str]]:
    """Kill a server process before a step of a command of a way, and carry out the same command again.

    :param at: the number of the command; ``last``: how many steps of it are taken.
    :returns: whether it had so many steps at all, and what is not as it must be then.
    """
    number, site, step = center.sell(), RealSite(folder, center), WAYS[way][at]
    try:
        site.start(None)
        for earlier in WAYS[way][:at]:
            earlier.act(site, number, earlier.bring(site, number))
        brought = step.bring(site, number)
        site.end()
        site.start(last, number, center.kit["vendor_keys"][0]["kid"])
        with contextlib.suppress(ServerNotRunningError):
            step.act(site, number, brought)
            return False, []
        if not site.server.died():
            return True, ["the server did not die, and gave no answer"]
        site.end()
        site.start(None)
        step.act(site, number, brought)
        for later in WAYS[way][at + 1 :]:
            later.act(site, number, later.bring(site, number))
        pack = way.startswith("pack")
        found = (center.spent(number), site.state_of(number))
        wanted = ((1, pack), ("active", 5 if pack else 2, 0))
        where = f"{way}, killed after {last} steps of command {at + 1}"
        return True, [] if found == wanted else [f"{where}: {found} and not {wanted}"]
    finally:
        site.end()


def main() -> None:
    run = next(place for place, word in enumerate(sys.argv) if word.endswith("licserver"))
    last, words = int(sys.argv[1]), sys.argv[2:run]
    sys.argv = sys.argv[run:]
    watch(Steps(words, last, lambda: os.kill(os.getpid(), signal.SIGKILL)))
    licserver.main()


if __name__ == "__main__":
    main()
