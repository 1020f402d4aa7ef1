# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JSON API, as docs/protocol.md describes it.

Reading is open to everybody who can reach the port until a user and a password are set; whatever changes something
asks for them, or for a token.
"""

from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from licserver.kit import read_kit
from licserver.server.activate import read_order
from licserver.server.event_query import read_selection
from licserver.server.metrics import CONTENT_TYPE
from licserver.server.packs import PackOrder
from licserver.server.scopes import Scope
from licserver.server.selection import Filter, ReleaseOrder
from licserver.server.settings_change import SettingsChange
from licserver.server.tokens import TokenOrder
from licserver.server.usage import SLOT_SECONDS, told
from licserver.server.web.answers import to_json
from licserver.server.web.bodies import AnswerFile, NewKit, PhoneAnswer, Removal, Update, only_check, read_json
from licserver.server.web.downloads import Downloads
from licserver.server.web.guard import Guard
from licserver.server.web.openapi import OPENAPI_PATH, show_openapi
from licserver.server.web.parts import Parts


class Api:
    """The operations of one server."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._reports = parts.reports
        self._downloads = Downloads(parts.support)

    def routes(self, guard: Guard) -> list[Route]:
        """As Starlette takes them."""
        return [
            Route("/healthz", self._health),
            Route("/readyz", self._readiness),
            Route(OPENAPI_PATH, show_openapi),
            Route("/api/v1/proof/{nonce}", self._proof),
            guard.reading("/metrics", self._measures),
            guard.reading("/api/v1/info", self._info),
            guard.reading("/api/v1/usage", self._usage),
            guard.reading("/api/v1/connections", self._connections),
            guard.changing("POST", "/api/v1/connections/release", self._release),
            guard.changing("DELETE", "/api/v1/connections/{lease}", self._release_one),
            guard.reading("/api/v1/events", self._events),
            guard.reading("/api/v1/events/verification", self._event_verification),
            guard.changing("POST", "/api/v1/reload", self._reload, Scope.ADMIN),
            guard.reading("/api/v1/tokens", self._tokens, Scope.ADMIN),
            guard.changing("POST", "/api/v1/tokens", self._add_token, Scope.ADMIN),
            guard.changing("DELETE", "/api/v1/tokens/{name}", self._remove_token, Scope.ADMIN),
            guard.taking("/api/v1/support-bundle", self._bundle, Scope.ADMIN),
            guard.taking("/api/v1/distribution", self._distribution, Scope.ADMIN),
            guard.changing("POST", "/api/v1/restart", self._restart, Scope.ADMIN),
            guard.reading("/api/v1/settings", self._settings),
            guard.changing("PATCH", "/api/v1/settings", self._change_settings, Scope.ADMIN),
            guard.changing("POST", "/api/v1/activations", self._activate),
            guard.changing("POST", "/api/v1/packs", self._activate_pack),
            guard.reading("/api/v1/requests", self._requests, Scope.OPERATE),
            guard.changing("POST", "/api/v1/requests", self._make_request),
            guard.changing("POST", "/api/v1/answers", self._load_answer),
            guard.reading("/api/v1/keys", self._keys),
            guard.reading("/api/v1/keys/verification", self._verify_keys, Scope.OPERATE),
            guard.reading("/api/v1/keys/{key_number}/state", self._key_state, Scope.OPERATE),
            guard.changing("POST", "/api/v1/keys/updates", self._update_key),
            guard.changing("POST", "/api/v1/kits", self._add_kit, Scope.ADMIN),
            guard.changing("PATCH", "/api/v1/keys/{key_number}", self._set_options),
            guard.changing("DELETE", "/api/v1/keys/{key_number}", self._remove, Scope.ADMIN),
        ]

    async def _health(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _readiness(self, request: Request) -> Response:
        """Whether licenses can be granted: what is promised must be on disk."""
        problem = self._reports.journal.problem
        if problem is not None:
            raise HTTPException(503, "no license can be granted now: the ledger cannot be written")
        return PlainTextResponse("ready\n")

    async def _proof(self, request: Request) -> Response:
        return to_json({"proof": self._parts.gate.proof(request.path_params["nonce"])})

    async def _measures(self, request: Request) -> Response:
        snapshot = self._parts.metrics.look()
        return await self._parts.aside(lambda: Response(snapshot.text(), media_type=CONTENT_TYPE))

    async def _info(self, request: Request) -> Response:
        return to_json(
            {
                "server": self._reports.server(),
                "keys": self._reports.keys(),
                "connections": len(self._reports.desk.book.leases),
                "alarms": self._reports.alarms.now(),
            }
        )

    async def _usage(self, request: Request) -> Response:
        usage = told(self._parts.usage, self._reports.keys(), self._reports.clock())
        return to_json({"slot_seconds": SLOT_SECONDS, "usage": usage})

    async def _connections(self, request: Request) -> Response:
        wanted = msgspec.convert(dict(request.query_params), Filter)
        return await self._parts.aside(lambda: to_json({"connections": self._reports.connections(wanted)}))

    async def _release(self, request: Request) -> Response:
        order = await read_json(request, ReleaseOrder)
        return to_json(await self._disconnect(order, really=not only_check(request)))

    async def _release_one(self, request: Request) -> Response:
        return to_json(await self._disconnect(ReleaseOrder(leases=frozenset([request.path_params["lease"]]))))

    async def _disconnect(self, order: ReleaseOrder, *, really: bool = True) -> dict[str, Any]:
        """Whom an administrator disconnects, or would; asked for again, there is nobody."""
        connections = self._reports.connections(order)
        if not really:
            return {"changed": bool(connections), "released": 0, "connections": connections}
        released = await self._reports.desk.release(one["lease"] for one in connections)
        return {"changed": released > 0, "released": released, "connections": connections}

    async def _events(self, request: Request) -> Response:
        wanted = read_selection(request.query_params.multi_items())
        history = await self._reports.journal.history(wanted.after or 0)
        return await self._parts.aside(lambda: to_json({"events": history.select(wanted)}))

    async def _event_verification(self, request: Request) -> Response:
        history = await self._reports.journal.history()
        return await self._parts.aside(lambda: to_json({"verification": history.verify().data()}))

    async def _reload(self, request: Request) -> Response:
        return to_json(await self._parts.reloader.reload())

    async def _tokens(self, request: Request) -> Response:
        return to_json({"tokens": self._parts.tokens.listed()})

    async def _add_token(self, request: Request) -> Response:
        order = await read_json(request, TokenOrder)
        token = await self._parts.tokens.add(order)
        return to_json({"changed": True, "name": order.name, "scope": order.scope, "token": token})

    async def _remove_token(self, request: Request) -> Response:
        name = request.path_params["name"]
        return to_json({"changed": await self._parts.tokens.remove(name), "name": name})

    async def _bundle(self, request: Request) -> Response:
        return await self._downloads.bundle()

    async def _distribution(self, request: Request) -> Response:
        return await self._downloads.distribution()

    async def _restart(self, request: Request) -> Response:
        return to_json(await self._parts.restarter.restart())

    async def _settings(self, request: Request) -> Response:
        return to_json(await self._parts.settings.look())

    async def _change_settings(self, request: Request) -> Response:
        wanted = await read_json(request, SettingsChange)
        return to_json(await self._parts.settings.change(wanted, only_check=only_check(request)))

    async def _activate(self, request: Request) -> Response:
        order = read_order(await read_json(request, dict[str, Any]))
        return to_json(await self._parts.activating.activate(order))

    async def _activate_pack(self, request: Request) -> Response:
        return to_json(await self._parts.activating.activate_pack(await read_json(request, PackOrder)))

    async def _requests(self, request: Request) -> Response:
        return to_json(self._parts.activating.requests())

    async def _make_request(self, request: Request) -> Response:
        return to_json(await self._parts.activating.request(await read_json(request, dict[str, Any])))

    async def _load_answer(self, request: Request) -> Response:
        content = await read_json(request, dict[str, Any])
        if "blocks" in content:
            told = msgspec.convert(content, PhoneAnswer)
            return to_json(await self._parts.activating.load_by_phone(told.key_number, told.blocks))
        return to_json(await self._parts.activating.load(msgspec.convert(content, AnswerFile).text))

    async def _keys(self, request: Request) -> Response:
        return to_json({"keys": self._reports.keys()})

    async def _verify_keys(self, request: Request) -> Response:
        wanted = frozenset(request.query_params.getlist("key_number"))
        return to_json({"keys": await self._parts.keeper.verify(wanted)})

    async def _key_state(self, request: Request) -> Response:
        return to_json(await self._parts.activating.key_state(request.path_params["key_number"]))

    async def _update_key(self, request: Request) -> Response:
        return to_json(await self._parts.activating.update((await read_json(request, Update)).text))

    async def _add_kit(self, request: Request) -> Response:
        kit = read_kit(msgspec.json.encode((await read_json(request, NewKit)).kit))
        return to_json(await self._parts.keeper.add_kit(kit, keep=not only_check(request)))

    async def _set_options(self, request: Request) -> Response:
        number, wanted = request.path_params["key_number"], await read_json(request, dict[str, Any])
        if "access_code" in wanted and request.state.scope < Scope.ADMIN:
            raise HTTPException(403, "this token may not change access codes")
        return to_json(await self._parts.keeper.set_options(number, wanted, not only_check(request)))

    async def _remove(self, request: Request) -> Response:
        wanted = msgspec.convert(dict(request.query_params), Removal)
        number, purge = request.path_params["key_number"], wanted.purge == "true"
        return to_json(await self._parts.activating.remove(number, purge=purge, only_check=wanted.check == "true"))
