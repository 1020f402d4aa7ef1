# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that has ended leaves nothing behind for which somebody would have to look.

The library that takes HTTP apart leaves something of a request that is none; this says nothing of requests.
"""

import contextlib
import gc
import socket
import struct
from collections.abc import Callable, Iterator

import pytest

from server_core.tests.running import DEADLINE_SECONDS, PORT, WEB_PORT, ServerThread, believing_tls, eventually

OF_A_CONNECTION = {
    "ClientConnection",
    "EncryptedConnection",
    "Connection",
    "_SelectorSocketTransport",
    "_ProactorSocketTransport",
    "SSLObject",
}


@contextlib.contextmanager
def kept_garbage() -> Iterator[Callable[[], set[str]]]:
    """What lies about when it is asked for, by the names of its types, of what began to exist in here."""
    gc.collect()
    gc.freeze()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)

    def found() -> set[str]:
        gc.collect()
        return {type(one).__name__ for one in gc.garbage}

    try:
        yield found
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        gc.unfreeze()


def live(kinds: set[str]) -> set[str]:
    """Of these types those of which there are objects."""
    return {type(one).__name__ for one in gc.get_objects()} & kinds


@pytest.mark.parametrize("ends_in_order", [True, False])
@pytest.mark.parametrize("port", [PORT, WEB_PORT])
@pytest.mark.parametrize("tls", [0, 1])
def test_an_ended_connection_leaves_no_garbage(
    make_server: Callable[..., ServerThread], tls: int, port: int, ends_in_order: bool
) -> None:
    server = make_server(TLS=tls).start()
    with kept_garbage() as garbage:
        with contextlib.ExitStack() as ended:
            connection = socket.create_connection((server.address, port), DEADLINE_SECONDS)
            if tls:
                connection = believing_tls().wrap_socket(connection)
            ended.callback(connection.close)
            eventually(lambda: live(OF_A_CONNECTION), "the server has the connection")
            if not ends_in_order:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        eventually(lambda: garbage() & OF_A_CONNECTION or not live(OF_A_CONNECTION), "nobody is connected")

        assert garbage() & OF_A_CONNECTION == set()
