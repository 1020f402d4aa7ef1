# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""TCP 15201: the web page and the JSON API. docs/specification.md, section 3 "Web page".

Reading is open to everybody who can reach the port until a user and a password are set; whatever changes something
asks for the token of the control file or for the user and password.
"""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio
import anyio.to_thread
import msgspec
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from licserver.documents import MAX_DOCUMENT_CHARS
from licserver.errors import LicensingError
from licserver.server.activate import read_order
from licserver.server.activations import Activations
from licserver.server.browsers import OwnNames, check_sender
from licserver.server.event_query import read_selection
from licserver.server.gate import Gate
from licserver.server.key_keeper import KeyKeeper
from licserver.server.metrics import CONTENT_TYPE, Metrics
from licserver.server.packs import PackOrder
from licserver.server.reports import Reports
from licserver.server.selection import Filter, ReleaseOrder

BODY_SECONDS = 10.0
SHOWN_CONNECTIONS = 500


class AnswerFile(msgspec.Struct, forbid_unknown_fields=True):
    """An answer of the activation center, as it came in a file."""

    text: str


class PhoneAnswer(msgspec.Struct, forbid_unknown_fields=True):
    """An answer of the activation center, as it was told by telephone."""

    key_number: str
    blocks: str


Handler = Callable[[Request], Awaitable[Response]]
Content = TypeVar("Content")


class Check(msgspec.Struct, forbid_unknown_fields=True):
    """What may follow the address of what changes something: ``?check=true`` only tells what would change."""

    check: Literal["true", "false"] = "false"


class Removal(Check, forbid_unknown_fields=True):
    """What may follow the address of a key that is removed: ``?purge=true`` leaves no copy of its file."""

    purge: Literal["true", "false"] = "false"


_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
_pages = Environment(loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=select_autoescape())


def make_app(
    reports: Reports,
    gate: Gate,
    keeper: KeyKeeper,
    activating: Activations,
    metrics: Metrics,
    reload: Callable[[], Awaitable[dict[str, Any]]],
) -> Starlette:
    """The web application of one server.

    :param reload: takes over what the ini says and tells what came of it.
    """
    names = OwnNames(reports.desk.name)
    one_at_a_time = anyio.CapacityLimiter(1)

    async def aside(render: Callable[[], Response]) -> Response:
        """Write a long answer in a thread: clients of the license port do not wait for readers of the page."""
        return await anyio.to_thread.run_sync(render, limiter=one_at_a_time)

    async def page(request: Request) -> Response:
        server, keys, total = reports.server(), reports.keys(), len(reports.desk.book.leases)

        def render() -> Response:
            connections = reports.connections(most=SHOWN_CONNECTIONS)
            content = _pages.get_template("overview.html").render(
                server=server, keys=keys, connections=connections, total=total
            )
            return HTMLResponse(content, headers=_HEADERS)

        return await aside(render)

    async def info(request: Request) -> Response:
        return _json(
            {
                "server": reports.server(),
                "keys": reports.keys(),
                "connections": len(reports.desk.book.leases),
                "alarms": reports.alarms.now(),
            }
        )

    async def connections(request: Request) -> Response:
        wanted = msgspec.convert(dict(request.query_params), Filter)
        return await aside(lambda: _json({"connections": reports.connections(wanted)}))

    async def release(request: Request) -> Response:
        return _json(await _release(reports, await _read(request, ReleaseOrder), only_check=_only_check(request)))

    async def release_one(request: Request) -> Response:
        return _json(await _release(reports, ReleaseOrder(leases=frozenset([request.path_params["lease"]]))))

    async def events(request: Request) -> Response:
        wanted = read_selection(request.query_params.multi_items())
        history = await reports.journal.history(wanted.after or 0)
        return await aside(lambda: _json({"events": history.select(wanted)}))

    async def event_verification(request: Request) -> Response:
        history = await reports.journal.history()
        return await aside(lambda: _json({"verification": history.verify().data()}))

    async def activations(request: Request) -> Response:
        order = read_order(await _read(request, dict[str, Any]))
        return _json(await activating.activate(order))

    async def packs(request: Request) -> Response:
        return _json(await activating.activate_pack(await _read(request, PackOrder)))

    async def requests(request: Request) -> Response:
        return _json(activating.requests())

    async def new_request(request: Request) -> Response:
        return _json(await activating.request(await _read(request, dict[str, Any])))

    async def answers(request: Request) -> Response:
        content = await _read(request, dict[str, Any])
        if "blocks" in content:
            told = msgspec.convert(content, PhoneAnswer)
            return _json(await activating.load_by_phone(told.key_number, told.blocks))
        return _json(await activating.load(msgspec.convert(content, AnswerFile).text))

    async def keys(request: Request) -> Response:
        return _json({"keys": reports.keys()})

    async def key_verification(request: Request) -> Response:
        wanted = frozenset(request.query_params.getlist("key_number"))
        return _json({"keys": await keeper.verify(wanted)})

    async def key_options(request: Request) -> Response:
        wanted = await _read(request, dict[str, Any])
        return _json(await keeper.set_options(request.path_params["key_number"], wanted, not _only_check(request)))

    async def removal(request: Request) -> Response:
        wanted = msgspec.convert(dict(request.query_params), Removal)
        number, purge = request.path_params["key_number"], wanted.purge == "true"
        return _json(await activating.remove(number, purge=purge, only_check=wanted.check == "true"))

    async def reloading(request: Request) -> Response:
        return _json(await reload())

    async def measures(request: Request) -> Response:
        snapshot = metrics.look()
        return await aside(lambda: Response(snapshot.text(), media_type=CONTENT_TYPE))

    async def proof(request: Request) -> Response:
        return _json({"proof": gate.proof(request.path_params["nonce"])})

    async def health(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def route(path: str, handler: Handler, allowed: Callable[[Request], Awaitable[bool]], method: str = "GET") -> Route:
        async def guarded(request: Request) -> Response:
            await check_sender(request, names)
            if not await allowed(request):
                raise HTTPException(401, headers={"WWW-Authenticate": 'Basic realm="licserver", charset="UTF-8"'})
            return await handler(request)

        return Route(path, guarded, methods=[method])

    return Starlette(
        routes=[
            Route("/healthz", health),
            Route("/api/v1/proof/{nonce}", proof),
            route("/", page, gate.may_read),
            route("/metrics", measures, gate.may_read),
            route("/api/v1/info", info, gate.may_read),
            route("/api/v1/connections", connections, gate.may_read),
            route("/api/v1/connections/release", release, gate.may_change, "POST"),
            route("/api/v1/connections/{lease}", release_one, gate.may_change, "DELETE"),
            route("/api/v1/events", events, gate.may_read),
            route("/api/v1/events/verification", event_verification, gate.may_read),
            route("/api/v1/reload", reloading, gate.may_change, "POST"),
            route("/api/v1/activations", activations, gate.may_change, "POST"),
            route("/api/v1/packs", packs, gate.may_change, "POST"),
            route("/api/v1/requests", requests, gate.may_change),
            route("/api/v1/requests", new_request, gate.may_change, "POST"),
            route("/api/v1/answers", answers, gate.may_change, "POST"),
            route("/api/v1/keys", keys, gate.may_read),
            route("/api/v1/keys/verification", key_verification, gate.may_change),
            route("/api/v1/keys/{key_number}", key_options, gate.may_change, "PATCH"),
            route("/api/v1/keys/{key_number}", removal, gate.may_change, "DELETE"),
        ],
        exception_handlers={
            LicensingError: _refusal,
            msgspec.MsgspecError: _misunderstood,
            HTTPException: _stopped,
            ClientDisconnect: _left,
            Exception: _accident,
        },
    )


def _only_check(request: Request) -> bool:
    return msgspec.convert(dict(request.query_params), Check).check == "true"


async def _release(reports: Reports, order: ReleaseOrder, *, only_check: bool = False) -> dict[str, Any]:
    """Whom an administrator disconnects, or would; asked for again, there is nobody."""
    connections = reports.connections(order)
    if only_check:
        return {"changed": bool(connections), "released": 0, "connections": connections}
    released = await reports.desk.release(one["lease"] for one in connections)
    return {"changed": released > 0, "released": released, "connections": connections}


async def _read(request: Request, kind: type[Content]) -> Content:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "the request must be application/json")
    body = bytearray()
    try:
        with anyio.fail_after(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_DOCUMENT_CHARS:
                    raise HTTPException(413, "the request is too large")
    except TimeoutError:
        raise HTTPException(408, "the request did not come in time", {"Connection": "close"}) from None
    try:
        return msgspec.json.decode(body, type=kind)
    except (UnicodeDecodeError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def _json(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    # several times faster than the standard library, which lets no other thread run meanwhile
    return Response(msgspec.json.encode(content), status, headers, media_type="application/json")


def _error(status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> Response:
    return _json({"error": {"code": code, "message": message, "hint": hint}}, status, headers)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, LicensingError)
    return _error(409, error.code, error.message, error.hint)


async def _misunderstood(request: Request, error: Exception) -> Response:
    return _error(400, "bad_request", f"the request cannot be understood: {error}")


async def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(error.status_code, "http_error", error.detail, headers=error.headers)


async def _left(request: Request, error: Exception) -> Response:
    return _error(400, "bad_request", "the request ended before its end")  # nobody reads it


async def _accident(request: Request, error: Exception) -> Response:
    # the web server writes the error itself into the log, with its traceback
    problem = f"{error.filename or ''}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__
    return _error(500, "internal_error", f"the server failed: {problem}", "Look into the log of the server")
