# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real license server without chance: its keys, its challenge, the name of its lease and its clock are fixed, so that
whoever says the same to it hears the same, byte for byte. For docs/protocol-example.md."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import msgspec

from licserver.binding import bind_best
from licserver.documents import Company, Counter, License, peek, seal
from licserver.keys.options import KeyOptions
from licserver.keys.soft_key import seal_signer, write_soft_key
from licserver.sealing import Ed25519PrivateKey, X25519PrivateKey, encode_bytes, encode_public
from licserver.system import this_system
from server_core.tests.helpers import NOW, Computer, Vendor
from server_core.tests.running import DEADLINE_SECONDS, PORT, ServerThread

KEY_NUMBER = "100-0001"
PRODUCT = "retail"
SERVER_ID = "oQZL-Cj4EZDhCChy"
SERVER_NAME = "branch-1"
ACCESS_CODE = "сирень-7"


def private_bytes(number: int) -> bytes:
    """32 bytes that can be typed in: 11 11 11 …, 22 22 22 …"""
    return bytes([0x11 * number]) * 32


VENDOR = Ed25519PrivateKey.from_private_bytes(private_bytes(1))
PROTECTION_KEY = Ed25519PrivateKey.from_private_bytes(private_bytes(2))
SESSION = Ed25519PrivateKey.from_private_bytes(private_bytes(3))
EXCHANGE = X25519PrivateKey.from_private_bytes(private_bytes(4))
CLIENT = X25519PrivateKey.from_private_bytes(private_bytes(5))
OTHER_CLIENT = X25519PrivateKey.from_private_bytes(private_bytes(6))
CHALLENGE = encode_bytes(bytes(range(0x00, 0x20)))
NONCE = encode_bytes(bytes(range(0x20, 0x40)))
QUESTION_NONCE = encode_bytes(bytes(range(0x40, 0x60)))
LEASE_CHANCE = bytes(range(0x60, 0x70))
LEASE = encode_bytes(NOW.to_bytes(5, "big") + LEASE_CHANCE)


@contextlib.contextmanager
def fixed_server(folder: Path) -> Iterator[ServerThread]:
    """The server, which runs."""
    with (
        patch("socket.gethostname", lambda: SERVER_NAME),
        patch("secrets.token_urlsafe", lambda size: CHALLENGE if size == 32 else "example-" * 3),
        patch("secrets.token_bytes", lambda _: LEASE_CHANCE),
        patch("licserver.server.sessions.Ed25519PrivateKey", SimpleNamespace(generate=lambda: SESSION)),
        patch("licserver.server.sessions.X25519PrivateKey", SimpleNamespace(generate=lambda: EXCHANGE)),
        patch.object(type(this_system()), "fact_reader", lambda _: Computer()),
    ):
        server = ServerThread(folder)
        _furnish(server.state)
        server.start()
        server.server.desk._clock = lambda: float(NOW)
        try:
            yield server
        finally:
            server.stop()


def say(server: ServerThread, lines: list[bytes]) -> list[bytes]:
    """What the server answers to lines that are said to it one by one on one connection, until it hangs up."""
    answers = []
    with socket.create_connection((server.address, PORT), timeout=DEADLINE_SECONDS) as connection:
        received = connection.makefile("rb")
        for line in lines:
            connection.sendall(line + b"\n")
            answers.append(received.readline().removesuffix(b"\n"))
    return answers


def ask_who_is_there(server: ServerThread, question: bytes) -> bytes:
    """The answer to a datagram."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(DEADLINE_SECONDS)
        asking.sendto(question, (server.address, PORT))
        return asking.recv(65536)


def license_token() -> str:
    """The license of the one key that the server has."""
    binding = bind_best(Computer())
    license = License(
        key_number=KEY_NUMBER,
        vendor="Example Software",
        product=PRODUCT,
        product_name="Retail Suite",
        counters=(Counter(name="main", type="session", limit=1),),
        reactivation="pins",
        key_public=encode_public(PROTECTION_KEY.public_key()),
        facts=binding.digests(KEY_NUMBER),
        request_id="example-request-1",
        activation=1,
        issued_at=NOW - 86400,
        company=Company(name="Branch Ltd"),
    )
    return seal(license, VENDOR)


def _furnish(state: Path) -> None:
    """Put a key with an access code into an empty state."""
    vendor = Vendor("Example Software", VENDOR)
    keys = this_system().key_folder(state)
    for folder in (keys, state / "kits"):
        folder.mkdir(parents=True)
    (state / "kits" / f"{vendor.kid}.json").write_bytes(msgspec.json.encode(vendor.kit))
    (state / "server_id").write_text(SERVER_ID)
    token = license_token()
    license = peek(token, License)
    sealed = seal_signer(PROTECTION_KEY, bind_best(Computer()), KEY_NUMBER)
    (keys / f"{KEY_NUMBER}.dongle").write_text(write_soft_key(token, license, sealed), encoding="utf-8")
    options = {KEY_NUMBER: KeyOptions().with_access_code(ACCESS_CODE, SERVER_ID)}
    (state / "keys.json").write_bytes(msgspec.json.encode(options))
