# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's pages of keys: found, looked at, issued and changed. docs/specification.md, section 5.

PINs are shown once, to whoever has them made; the page that shows them is kept by nobody. The number of a new key is in
its form already, so a form that is sent twice does not make two keys.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from licserver.center import registry
from licserver.center.app.door import Door, Visit
from licserver.center.app.edits import Parts, held, merge
from licserver.center.app.filled_in import (
    COUNTER_TYPES,
    TAKEN,
    FieldError,
    convert,
    counter_fields,
    day,
    read_counters,
    read_day,
    rows_of,
    shown,
)
from licserver.center.catalog import Catalog, CatalogKey, apply_catalog, make_more_pins
from licserver.center.customers import find_customer, list_customers
from licserver.center.foundation import Center
from licserver.center.pins import make_key_number
from licserver.center.registry import Key
from licserver.pages.bodies import Form
from licserver.pages.languages import N_
from licserver.pages.rendering import Pages

ROWS = 100
"""How many lines a page shows."""
_SUGGESTED = 500
_NOBODY = N_("There is no such customer.")
NO_PRODUCT = N_("There is no such product.")
_PARTS: Parts = {"customer": {}, "expires_at": {}, "counters": {}}
_log = logging.getLogger(__name__)


class KeyPages:
    """The keys of one center."""

    def __init__(self, pages: Pages, center: Center) -> None:
        self._pages = pages
        self._database = center.database
        self._pepper = center.authority.pepper

    def routes(self, door: Door) -> list[Route]:
        """The addresses of these pages."""
        all_staff, vendor = door.only("desk", "vendor"), door.only("vendor")
        both = ["GET", "POST"]
        return [
            Route("/staff/keys", all_staff(self.keys)),
            Route("/staff/keys/new", vendor(self.new), methods=both),
            Route("/staff/keys/of/{key_number}", all_staff(self.key)),
            Route("/staff/keys/of/{key_number}/change", vendor(self.change), methods=both),
            Route("/staff/keys/of/{key_number}/pin", vendor(self.another_pin), methods=both),
        ]

    def keys(self, visit: Visit) -> Response:
        """The keys in which a text stands, page by page."""
        query = visit.request.query_params
        text, after = query.get("text", "").strip(), query.get("after")
        with self._database.reading() as connection:
            found = registry.search_keys(connection, text, after=after, limit=ROWS + 1)
        more = found[ROWS - 1]["key_number"] if len(found) > ROWS else None
        return self._pages.page(
            visit.request, "keys.html", keys=found[:ROWS], text=text, after=after, more=more, now=_now()
        )

    def key(self, visit: Visit) -> Response:
        """One key: what it is worth, its activations, its history."""
        number = visit.request.path_params["key_number"]
        with self._database.reading() as connection:
            key = _known_key(connection, number)
            content: dict[str, Any] = {
                "key": key,
                "product": registry.product_of(connection, key),
                "customer": find_customer(connection, key.customer) if key.customer else None,
                "license": registry.issued_license(connection, number),
                "pins": len(registry.pin_digests(connection, number)),
                "activations": registry.key_activations(connection, number),
                "history": registry.search_history(connection, key_number=number, limit=ROWS),
                "now": _now(),
            }
        return self._pages.page(visit.request, "key.html", **content)

    def new(self, visit: Visit) -> Response:
        """A key is issued; its PINs are shown."""
        if visit.request.method == "GET":
            query = visit.request.query_params
            fields = {"key_number": make_key_number(), "product": query.get("product", "")}
            return self._form(visit, None, fields)
        try:
            values = {"key_number": visit.form.text("key_number"), **_terms(visit.form)}
            wanted = convert({**values, "product": visit.form.text("product")}, CatalogKey)
            with self._database.writing() as connection:
                if registry.find_key(connection, wanted.key_number) is not None:
                    raise FieldError("key_number", TAKEN)
                if registry.find_product(connection, wanted.product) is None:
                    raise FieldError("product", NO_PRODUCT)
                if wanted.customer and find_customer(connection, wanted.customer) is None:
                    raise FieldError("customer", _NOBODY)
                applied = apply_catalog(connection, Catalog(keys=(wanted,)), pepper=self._pepper, act=visit.act())
        except FieldError as problem:
            return self._form(visit, None, visit.form.fields, problem)
        _log.info("staff: %s issued the key %s", visit.member.name, wanted.key_number)
        return self._made(visit, wanted, applied.made_pins[wanted.key_number])

    def change(self, visit: Visit) -> Response:
        """What a key is worth from its next activation on, and to whom it was sold."""
        number, form = visit.request.path_params["key_number"], visit.form
        key: Key | None = None
        if visit.request.method == "GET":
            key = self._find(number)
            return self._form(visit, key, _fields(key))
        try:
            with self._database.writing() as connection:
                key = _known_key(connection, number, lock=True)
                form = edit = merge(form, _fields(key), _PARTS)
                edit.check()
                terms = _terms(form)
                if day(key.expires_at) == form.text("expires_at"):
                    terms["expires_at"] = key.expires_at  # the hour of that day may be another one
                wanted = convert({"key_number": number, "product": key.product, **terms}, Key)
                if wanted.customer and find_customer(connection, wanted.customer) is None:
                    raise FieldError("customer", _NOBODY)
                if wanted != key:
                    registry.store_key(connection, wanted, act=visit.act())
        except FieldError as problem:
            return self._form(visit, key, form.fields, problem)
        _log.info("staff: %s changed the key %s", visit.member.name, number)
        return RedirectResponse(f"/staff/keys/of/{number}", 303)

    def another_pin(self, visit: Visit) -> Response:
        """One more PIN for a key, made where its own are spent; asked for, and shown."""
        key = self._find(visit.request.path_params["key_number"])
        if visit.request.method == "GET":
            with self._database.reading() as connection:
                present = len(registry.pin_digests(connection, key.key_number))
            return self._pages.page(visit.request, "another_pin.html", key=key, present=present)
        with self._database.writing() as connection:
            registry.find_key(connection, key.key_number, lock=True)
            if visit.form.text("present") != str(len(registry.pin_digests(connection, key.key_number))):
                return RedirectResponse(f"/staff/keys/of/{key.key_number}", 303)  # the form was sent before
            pins = make_more_pins(connection, key, 1, pepper=self._pepper, act=visit.act())
        _log.info("staff: %s made another PIN for the key %s", visit.member.name, key.key_number)
        return self._made(visit, key, pins)

    def _find(self, number: str) -> Key:
        with self._database.reading() as connection:
            return _known_key(connection, number)

    def _made(self, visit: Visit, key: Key, pins: Sequence[str]) -> Response:
        return self._pages.page(visit.request, "made_pins.html", key=key, pins=pins)

    def _form(
        self, visit: Visit, key: Key | None, fields: Mapping[str, str], problem: FieldError | None = None
    ) -> Response:
        with self._database.reading() as connection:
            products = registry.list_products(connection)
            customers = list_customers(connection, limit=_SUGGESTED)
        return self._pages.page(
            visit.request,
            "key_form.html",
            409 if problem else 200,
            key=key,
            was=held(_fields(key), _PARTS) if key else {},
            products=[(product.product, product.name) for product in products],
            customers=msgspec.to_builtins(customers),
            fields=shown(fields),
            rows=rows_of(fields, "counter_name", spare=2),
            types=COUNTER_TYPES,
            problems=problem.words(self._pages.texts(visit.request)) if problem else {},
        )


def _known_key(connection: Connection, number: str, *, lock: bool = False) -> Key:
    key = registry.find_key(connection, number, lock=lock)
    if key is None:
        raise HTTPException(404)
    return key


def _fields(key: Key) -> dict[str, str]:
    return {"customer": key.customer or "", "expires_at": day(key.expires_at), **counter_fields(key.counters)}


def _terms(form: Form) -> dict[str, Any]:
    return {
        "counters": read_counters(form),
        "expires_at": read_day(form, "expires_at"),
        "customer": form.text("customer") or None,
    }


def _now() -> int:
    return int(time.time())
