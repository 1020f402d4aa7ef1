# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes docs/protocol-example.md: what a client and the server without chance say to each other, and how every value
comes about. To write it anew: ``python -m server_core.tests.protocol.example``."""

import base64
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licserver.sealing import derive_key, encode_public
from licserver.wire.discovery import make_question
from licserver.wire.messages import access_key, access_proof, client_proof, lease_mac
from server_core.tests.protocol import scene

PATH = Path(__file__).parents[3] / "docs" / "protocol-example.md"

HEAD = """<!--
SPDX-FileCopyrightText: 2026 The protect.licensing contributors
SPDX-License-Identifier: GPL-3.0-or-later
-->

# One conversation, byte for byte

What a client and a license server say to each other by [the protocol](protocol.md), with every key laid open, so that
whoever writes a client can compute each value again and compare. A test says it all to a real server whose keys,
challenge, lease name and clock are fixed to what stands here, and computes every value again from the keys alone.

Lines that begin with `> ` are sent by the client, lines with `< ` by the server; on the wire a line feed ends each.
What HMAC is computed over stands one a line, without a line feed after the last.

## Keys and chance

Private keys in hexadecimal, 32 raw bytes each; public keys in base64url, as they stand in messages.

"""


@dataclass(frozen=True)
class Spoken:
    """One connection: what the client said, and the answer to each line."""

    title: str
    said: list[bytes]
    heard: list[bytes]


def document(folder: Path) -> str:
    """The whole text; a server runs in an empty folder for it."""
    with scene.fixed_server(folder) as server:
        question = make_question(scene.QUESTION_NONCE)
        here = scene.ask_who_is_there(server, question)
        values = computed_values()
        lines = client_lines(values)
        spoken = [
            Spoken("The whole life of a license", lines, scene.say(server, lines)),
            *(
                Spoken(title, [line], scene.say(server, [line]))
                for title, line in (
                    ("No version in common", b'{"type":"hello","id":1,"versions":[8,9]}'),
                    ("Something else before hello", b'{"type":"renew","id":1,"lease":"x","sequence":1,"mac":"x"}'),
                    ("No JSON", b"GET / HTTP/1.1"),
                )
            ),
        ]
    granted = json.loads(spoken[0].heard[1])
    parts = [
        HEAD + _table(("Name", "Private", "Public"), _keys()),
        _table(("Name", "Value"), [(f"`{name}`", f"`{value}`") for name, value in _chance().items()]),
        "## Discovery\n\nThe question is 1,024 bytes: spaces in `padding` fill it up; here they are left out.",
        _block([b"> " + question.replace(b" ", b""), b"< " + here]),
        "## Conversations",
        *(part for one in spoken for part in (f"### {one.title}", _block(_dialog(one)))),
        "## Values\n\nIn hexadecimal, but for what goes into messages, which is base64url.",
        _table(("Value", "From", "Result"), _value_rows(values)),
        "## Documents\n\nHeader and payload of each, as they stand in its first two segments.",
        *(_document_part(name, granted[name]) for name in ("license", "certificate", "grant")),
        _document_part("the answer to the discovery", here.decode()),
    ]
    return "\n\n".join(parts) + "\n"


def computed_values() -> dict[str, str]:
    """Every value that a client computes, as the product's own code does it."""
    shared = scene.CLIENT.exchange(scene.EXCHANGE.public_key())
    login_key = derive_key(shared, salt=scene.CHALLENGE.encode(), purpose="protect login")
    secret = derive_key(shared, salt=scene.LEASE.encode(), purpose="protect lease")
    code_key = access_key(scene.ACCESS_CODE, scene.SERVER_ID)
    public = encode_public(scene.CLIENT.public_key())
    other = encode_public(scene.OTHER_CLIENT.public_key())
    return {
        "shared secret": shared.hex(),
        "login key": login_key.hex(),
        "client_proof": client_proof(login_key, scene.NONCE),
        "access key": code_key.hex(),
        "access_proof": access_proof(code_key, scene.CHALLENGE, scene.NONCE, public),
        "access_proof of boris": access_proof(code_key, scene.CHALLENGE, scene.NONCE, other),
        "lease secret": secret.hex(),
        "mac of renew 1": lease_mac(secret, "renew", scene.LEASE, 1),
        "mac of renewed 1": lease_mac(secret, "renewed", scene.LEASE, 1, 600),
        "mac of logout 2": lease_mac(secret, "logout", scene.LEASE, 2),
        "mac of freed 2": lease_mac(secret, "freed", scene.LEASE, 2),
        "mac of renew 3": lease_mac(secret, "renew", scene.LEASE, 3),
    }


def client_lines(values: Mapping[str, str]) -> list[bytes]:
    """What the client says, line by line."""
    anna = {
        "user": "anna",
        "computer": "DESK-7",
        "client_public": encode_public(scene.CLIENT.public_key()),
        "session_number": 12,
        "rdp_session": 0,
    }
    boris = {"user": "boris", "computer": "DESK-3", "client_public": encode_public(scene.OTHER_CLIENT.public_key())}
    login = {"product": scene.PRODUCT, "nonce": scene.NONCE, "holder": anna, "client_proof": values["client_proof"]}
    check = {
        "product": scene.PRODUCT,
        "nonce": scene.NONCE,
        "holder": boris,
        "access_proof": values["access_proof of boris"],
    }
    more = {"more": [{"key_number": scene.KEY_NUMBER, "counter": "main", "licenses": 1}]}
    requests: list[dict[str, Any]] = [
        {"type": "hello", "versions": [1, 2], "software": "example 1.0"},
        {"type": "login", **login, "access_proof": values["access_proof"]},
        {"type": "renew", "lease": scene.LEASE, "sequence": 1, "mac": values["mac of renew 1"]},
        {"type": "renew", "lease": scene.LEASE, "sequence": 1, "mac": values["mac of renew 1"]},
        {"type": "check", **check},
        {"type": "check", **check, "suppose": more},
        {"type": "logout", "lease": scene.LEASE, "sequence": 2, "mac": values["mac of logout 2"]},
        {"type": "renew", "lease": scene.LEASE, "sequence": 3, "mac": values["mac of renew 3"]},
        {"type": "login", **login},
        {"type": "dance"},
    ]
    numbered = ({"type": one["type"], "id": number, **one} for number, one in enumerate(requests, 1))
    return [json.dumps(one, ensure_ascii=False, separators=(",", ":")).encode() for one in numbered]


def _keys() -> list[tuple[str, str, str]]:
    named = {
        "vendor": (1, scene.VENDOR),
        "protection key": (2, scene.PROTECTION_KEY),
        "session": (3, scene.SESSION),
        "exchange": (4, scene.EXCHANGE),
        "client": (5, scene.CLIENT),
        "client of boris": (6, scene.OTHER_CLIENT),
    }
    return [
        (name, f"`{scene.private_bytes(number).hex()}`", f"`{encode_public(key.public_key())}`")
        for name, (number, key) in named.items()
    ]


def _chance() -> dict[str, str]:
    return {
        "challenge": scene.CHALLENGE,
        "nonce": scene.NONCE,
        "nonce of the question": scene.QUESTION_NONCE,
        "lease": scene.LEASE,
        "server_id": scene.SERVER_ID,
        "access code": scene.ACCESS_CODE,
        "clock": str(scene.NOW),
    }


_FROM = {
    "shared secret": "X25519: private key of the client, `exchange_public`",
    "login key": "HKDF-SHA256: shared secret; salt: challenge; info: `protect login`; 32 bytes",
    "client_proof": "HMAC-SHA256 with the login key: `login`, nonce",
    "access key": "scrypt: access code; salt: `protect access code ` and server_id; N 16384, r 8, p 1, 32 bytes",
    "access_proof": "HMAC-SHA256 with the access key: `access`, challenge, nonce, public key of the client",
    "access_proof of boris": "the same with the public key of his client",
    "lease secret": "HKDF-SHA256: shared secret; salt: lease; info: `protect lease`; 32 bytes",
    "mac of renew 1": "HMAC-SHA256 with the lease secret: `renew`, lease, `1`",
    "mac of renewed 1": "HMAC-SHA256 with the lease secret: `renewed`, lease, `1`, `600`",
    "mac of logout 2": "HMAC-SHA256 with the lease secret: `logout`, lease, `2`",
    "mac of freed 2": "HMAC-SHA256 with the lease secret: `freed`, lease, `2`",
    "mac of renew 3": "HMAC-SHA256 with the lease secret: `renew`, lease, `3`",
}


def _value_rows(values: Mapping[str, str]) -> list[tuple[str, str, str]]:
    return [(name, _FROM[name], f"`{value}`") for name, value in values.items()]


def _dialog(spoken: Spoken) -> list[bytes]:
    pairs = zip(spoken.said, spoken.heard, strict=True)
    return [line for said, heard in pairs for line in (b"> " + said, b"< " + heard)]


def _document_part(name: str, token: str) -> str:
    shown = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")[:2]]
    return f"### {name[0].upper()}{name[1:]}\n\n{_block(shown)}"


def _block(lines: list[bytes]) -> str:
    return "\n".join(["```text", *(line.decode() for line in lines), "```"])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Write the document."""
    with tempfile.TemporaryDirectory() as folder:
        PATH.write_text(document(Path(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
