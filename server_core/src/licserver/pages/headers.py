# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every answer tells a browser not to do."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Mapping[str, str] = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # not "no-referrer": with it a browser hides also from us where a form comes from
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def policy(*, script: bool, forms_to: str = "") -> str:
    """What a browser may load and where it may send forms.

    :param script: the script of :mod:`licserver.pages.rendering` may run; otherwise none does.
    :param forms_to: an origin besides our own.
    """
    scripts = "; script-src 'self'; connect-src 'self'" if script else ""
    return (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {forms_to}".rstrip()
        + f"; base-uri 'none'; frame-ancestors 'none'{scripts}"
    )


class SecurityHeaders:
    """Puts them on every answer of an application that does not say otherwise itself.

    :param script: its pages have the script of :mod:`licserver.pages.rendering`; otherwise none runs at all.
    """

    def __init__(self, app: ASGIApp, *, script: bool = False) -> None:
        self._app = app
        self._headers = {**_HEADERS, "Content-Security-Policy": policy(script=script)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_guarded)
