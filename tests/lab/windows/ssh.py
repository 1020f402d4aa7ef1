# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SSH to played hosts, as OpenSSH on Windows has it: command lines, and SFTP with paths such as `/C:/Users`."""

from __future__ import annotations

import asyncio
import os
import re
import threading
from collections.abc import Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import asyncssh

from . import ansible_scripts
from .disk import PathError
from .plan import PASSWORD, USER
from .played_host import PlayedHost

PATIENCE = 20.0


class SshServers:
    """Listeners of several hosts in one thread, with one host key; `known_hosts` is what clients are to trust."""

    def __init__(self, hosts_played: Sequence[tuple[str, PlayedHost]], port: int, known_hosts: Path) -> None:
        """Listen at every (address, host); port 0 takes free ones, which `ports` names."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connections: set[asyncssh.SSHServerConnection] = set()
        key = asyncssh.generate_private_key("ssh-ed25519")
        self._listeners = [self._wait(self._listen(address, port, host, key)) for address, host in hosts_played]
        self.ports = [listener.get_port() for listener in self._listeners]
        public = key.export_public_key().decode().strip()
        places = zip([address for address, _ in hosts_played], self.ports, strict=True)
        known_hosts.write_text("".join(f"[{address}]:{taken} {public}\n" for address, taken in places), "ascii")

    def close(self) -> None:
        self._wait(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self, address: str, port: int, host: PlayedHost, key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            address,
            port,
            server_factory=lambda: _Session(host, self._connections),
            server_host_keys=[key],
            process_factory=partial(_run_on, host),
            sftp_factory=lambda channel: _Files(channel, host),
            encoding=None,
        )

    async def _end(self) -> None:
        for listener in self._listeners:
            listener.close()
            await listener.wait_closed()
        for connection in list(self._connections):
            connection.abort()
            await connection.wait_closed()

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)


class _Session(asyncssh.SSHServer):
    def __init__(self, host: PlayedHost, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._host, self._connections = host, connections

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)
        if not self._host.is_on():
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._connection)

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class _Files(asyncssh.SFTPServer):
    """The disk of a host."""

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], host: PlayedHost) -> None:
        super().__init__(channel)
        self._disk = host.disk

    def map_path(self, path: bytes) -> bytes:
        try:
            return os.fsencode(self._disk.local(re.sub("^/(?=[A-Za-z]:)", "", path.decode())))
        except PathError as error:
            raise asyncssh.SFTPNoSuchFile(str(error)) from error

    def reverse_map_path(self, path: bytes) -> bytes:
        return f"/{self._disk.windows(Path(os.fsdecode(path)))}".replace("\\", "/").encode()


async def _run_on(host: PlayedHost, process: asyncssh.SSHServerProcess[bytes]) -> None:
    line = process.command or ""
    stdin = await process.stdin.read() if ansible_scripts.reads_stdin(line) else b""
    outcome = await asyncio.to_thread(ansible_scripts.run, host, line, stdin)
    process.stdout.write(outcome.stdout)
    process.stderr.write(outcome.stderr)
    process.exit(outcome.exit_code)
