# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The yardstick of activations: a bare Starlette endpoint that signs what it is sent and stores it as one row.

Started as a program with a TLS certificate and the address of a database, it prints its port and serves until it is
killed. The row is on disk before the answer leaves, as the center's are.
"""

from __future__ import annotations

import socket
import sqlite3
import sys
import threading
from collections.abc import Callable

import psycopg
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

PATH = "/api/v1/activations"

Store = Callable[[str, str], object]


def app(store: Store) -> Starlette:
    """One endpoint."""
    signer = Ed25519PrivateKey.generate()

    def answer(request: str) -> str:
        signed = signer.sign(request.encode()).hex()
        store(request, signed)
        return signed

    async def endpoint(request: Request) -> Response:
        body = (await request.body()).decode()
        return PlainTextResponse(await run_in_threadpool(answer, body))

    return Starlette(routes=[Route(PATH, endpoint, methods=["POST"])])


def store_in(database: str) -> Store:
    """Writes one row, durably: into a SQLite file, or into PostgreSQL."""
    own = threading.local()

    def store_in_file(request: str, answer: str) -> None:
        if not hasattr(own, "connection"):
            own.connection = sqlite3.connect(database, isolation_level=None, timeout=20)
            own.connection.execute("PRAGMA journal_mode=WAL")
            own.connection.execute("PRAGMA synchronous=FULL")
        own.connection.execute("INSERT INTO bare VALUES (?, ?)", (request, answer))

    def store_in_server(request: str, answer: str) -> None:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(database, autocommit=True)
        own.connection.execute("INSERT INTO bare VALUES (%s, %s)", (request, answer))

    return store_in_server if "host=" in database else store_in_file


def main(certificate: str, database: str) -> None:
    """Listen on a free port of 127.0.0.1."""
    config = uvicorn.Config(
        app(store_in(database)), ssl_certfile=certificate, http="h11", ws="none", lifespan="off", log_level="error"
    )
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
