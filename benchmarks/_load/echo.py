# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The yardstick: a bare asyncio line echo. Started as a program, it prints its port and serves until it is killed."""

from __future__ import annotations

import asyncio
from typing import cast


class LineEcho(asyncio.Protocol):
    """Sends every whole line back, and does nothing else."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = cast(asyncio.Transport, transport)
        self._unfinished = b""

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        for line in lines:
            self._transport.write(line + b"\n")


async def serve() -> None:
    """Listen on a free port of 127.0.0.1."""
    server = await asyncio.get_running_loop().create_server(LineEcho, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
