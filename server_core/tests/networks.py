# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computers on real networks: network namespaces with cards between them, and servers that run there. Root only."""

import os
import subprocess
from pathlib import Path

from server_core.tests.processes import words
from server_core.tests.running import eventually


class NetworkedComputer:
    """A network namespace. A context manager; at its end its servers are killed."""

    def __init__(self, role: str) -> None:
        self.name = f"{role}-{os.getpid()}"
        self._servers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "NetworkedComputer":
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        self.set_up("link set lo up")
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.kill()
            server.wait()
        subprocess.run(["ip", "netns", "delete", self.name], check=True)

    def set_up(self, *commands: str) -> None:
        """Carry out commands of ``ip`` there."""
        subprocess.run(["ip", "-netns", self.name, "-batch", "-"], input="\n".join(commands), text=True, check=True)

    def plug(self, card: str, into: "NetworkedComputer", other_card: str) -> None:
        """Lay a cable between a card here and one on another computer."""
        self.set_up(f"link add {card} type veth peer name {other_card} netns {into.name}", f"link set {card} up")
        into.set_up(f"link set {other_card} up")

    def run(self, *command: str) -> str:
        """What a command prints there."""
        inside = ["ip", "netns", "exec", self.name, *command]
        return subprocess.run(inside, capture_output=True, text=True, check=True, timeout=60).stdout

    def serve(self, folder: Path, **ini: object) -> None:
        """Start a license server there and wait until it is ready."""
        state = folder / "state"
        state.mkdir(mode=0o700, parents=True)
        (folder / "licserver.ini").write_text("".join(f"{key}={value}\n" for key, value in ini.items()))
        log = folder / "server.log"
        command = [*words("licserver"), "run", "--ini", str(folder / "licserver.ini"), "--state", str(state)]
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        self._servers.append(process)

        def ready() -> bool:
            assert process.poll() is None, log.read_text()
            return (state / "control.json").exists()

        eventually(ready, "the server is ready")
