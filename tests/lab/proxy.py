# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web proxy from this machine into the network of the lab, to which there is no other way. Root only.

proxy.py FILE    listen on 127.0.0.1, write the port into FILE, and pass on what CONNECT asks for until FILE is gone
"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import threading
from pathlib import Path

from .network import CONTROL_NAMESPACE, NAMESPACES

LOOK_SECONDS = 0.5


def main(note: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:  # a socket stays in the namespace that it was made in
        namespace = os.open(NAMESPACES / CONTROL_NAMESPACE, os.O_RDONLY)
        if ctypes.CDLL(None, use_errno=True).setns(namespace, 0) != 0:
            raise OSError(ctypes.get_errno(), "the network of the lab cannot be entered")
        listener.settimeout(LOOK_SECONDS)
        note.write_text(str(listener.getsockname()[1]), encoding="utf-8")
        while note.exists():
            try:
                client, _ = listener.accept()
            except TimeoutError:
                continue
            threading.Thread(target=_serve, args=(client,), daemon=True).start()


def _serve(client: socket.socket) -> None:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += client.recv(1)
    _method, place, _version = head.split(b"\r\n")[0].decode().split()
    host, _, port = place.rpartition(":")
    with client, socket.create_connection((host, int(port))) as server:
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=_pass_on, args=(server, client))
        back.start()
        _pass_on(client, server)
        back.join()


def _pass_on(source: socket.socket, destination: socket.socket) -> None:
    while data := source.recv(65536):
        destination.sendall(data)
    destination.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
