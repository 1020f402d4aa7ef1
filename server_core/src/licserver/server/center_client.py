# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The activation center, as a license server asks it over HTTPS. docs/protocol.md, "Activation center"."""

import ssl
from urllib.parse import urlsplit

import msgspec

from licserver.activation import ActivationError

REQUEST_SECONDS = 30
FINAL_REFUSALS = frozenset(
    {
        "already_activated",
        "foreign_request",
        "incomplete_facts",
        "key_expired",
        "other_computer",
        "pack_spent",
        "pin_spent",
        "pins_exhausted",
        "request_conflict",
        "wrong_counters",
        "wrong_password",
        "wrong_pin",
        "wrong_product",
    }
)
"""What a center decides about a request once and for all. After anything else the very same request is sent again."""


class _Refusal(msgspec.Struct):
    code: str
    message: str
    hint: str = ""


class _Refused(msgspec.Struct):
    error: _Refusal


async def ask_center(url: str, request: str, authority: str | None) -> str:
    """Send a request document to an activation center, and return its answer document.

    :param authority: the certificate authority in PEM that signs the center's certificate; ``None``: the system's.
    :raises ActivationError: ``center_unreachable`` where asking again may help, else the code of the refusal.
    """
    import httpx  # takes a while to import, and only an activation needs it

    try:
        _check_address(url)
        context = ssl.create_default_context(cadata=authority)
        async with httpx.AsyncClient(verify=context, timeout=REQUEST_SECONDS) as client:
            response = await client.post(
                f"{url.rstrip('/')}/api/v1/activations", content=request, headers={"content-type": "text/plain"}
            )
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise _unreachable(url, str(error) or type(error).__name__) from error
    if response.status_code == httpx.codes.OK:
        return response.text.strip()
    try:
        refusal = msgspec.json.decode(response.content, type=_Refused).error
    except msgspec.MsgspecError:
        raise _unreachable(url, f"it answered with HTTP status {response.status_code}") from None
    if response.is_server_error:
        raise _unreachable(url, refusal.message)
    raise ActivationError(refusal.code, refusal.message, hint=refusal.hint)


def _check_address(url: str) -> None:
    address = urlsplit(url)
    _ = address.port  # httpx lets an impossible one through
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("the address must begin with https://")


def _unreachable(url: str, problem: str) -> ActivationError:
    return ActivationError(
        "center_unreachable",
        f"the activation center {url} gave no answer: {problem}",
        hint="Check the address and the way to it, and run the same command again: no PIN is lost",
    )
