# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much one address may ask of a center. docs/protocol.md, "Activation center".

Each instance counts for itself. The PINs that were wrong are counted by key and in the database, for all instances.
"""

from collections.abc import Awaitable, Callable, Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from licserver.limits import Allowance, peer_of

Answer = Callable[[Request], Awaitable[Response]]


class Throttle:
    """Counts the requests of every address.

    :param per_minute: how many an address may make, also all at once; 0 for no limit.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._allowance = Allowance(per_minute, per_minute / 60)

    def over(self, routes: Iterable[Route]) -> list[Route]:
        """The same routes; whoever asks too much of all of them together is refused."""
        return [Route(route.path, self._counted(route.endpoint), methods=route.methods) for route in routes]

    def _counted(self, answer: Answer) -> Answer:
        async def counted(request: Request) -> Response:
            self._admit(request)
            return await answer(request)

        return counted

    def _admit(self, request: Request) -> None:
        if self._per_minute and not self._allowance.take(peer(request)):
            seconds = max(1, round(60 / self._per_minute))
            raise HTTPException(429, "too many requests from this address", {"Retry-After": str(seconds)})


def peer(request: Request) -> str:
    """Who asks: an IP address, or its network with IPv6."""
    try:
        return peer_of(request.client.host) if request.client else ""
    except ValueError:  # what a proxy passed on is no address
        return ""
