# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts in the form of request and answer files. Nobody signed them: the control node believes none of it."""

from __future__ import annotations

import base64
import json


def carried(kind: str, **content: object) -> str:
    """A text with one block that says something."""
    payload = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJFZERTQSJ9.{payload}.c2lnbmF0dXJl"
    lines = "\n".join(token[at : at + 64] for at in range(0, len(token), 64))
    block = f"-----BEGIN PROTECT {kind}-----\n{lines}\n-----END PROTECT {kind}-----\n"
    return f"Protect text\nKey number: 100-0001\n\n{block}"


def request(number: int = 1, **more: object) -> str:
    """A request file."""
    return carried("REQUEST", request_id=f"r{number}", key_number="100-0001", **more)


def answer(number: int = 1) -> str:
    """The answer to the request of that number."""
    return carried("LICENSE", request_id=f"r{number}", key_number="100-0001")
