# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's pages of what he sells and to whom: products and customers."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
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
    read_counters,
    rows_of,
    shown,
)
from licserver.center.app.key_pages import ROWS
from licserver.center.customers import Customer, find_customer, list_customers, store_customer
from licserver.center.database import Database
from licserver.center.registry import Product
from licserver.pages.languages import N_
from licserver.pages.rendering import Pages

Found = TypeVar("Found")
_PRODUCT_PARTS: Parts = {
    "name": {},
    "counters": {},
    "pins": {},
    "reactivation": {"pins": N_("with PINs"), "never": N_("forbidden")},
    "same_facts": {},
    "head": {},
    "phone": {"1": N_("yes"), "": N_("no")},
}
_CUSTOMER_PARTS: Parts = {"name": {}, "tax_id": {}, "phone": {}, "email": {}, "address": {}}
_NEW_PRODUCT = {"pins": "3", "same_facts": "1", "reactivation": "pins"}


class Goods:
    """Products and customers of one center."""

    def __init__(self, pages: Pages, database: Database) -> None:
        self._pages = pages
        self._database = database

    def routes(self, door: Door) -> list[Route]:
        """The addresses of these pages."""
        only = door.only("vendor")
        both = ["GET", "POST"]
        return [
            Route("/staff/products", only(self.products)),
            Route("/staff/products/new", only(self.product), methods=both),
            Route("/staff/products/of/{product}", only(self.product), methods=both),
            Route("/staff/customers", only(self.customers)),
            Route("/staff/customers/new", only(self.customer), methods=both),
            Route("/staff/customers/of/{customer}", only(self.customer), methods=both),
        ]

    def products(self, visit: Visit) -> Response:
        """Every product."""
        with self._database.reading() as connection:
            products = registry.list_products(connection)
        return self._pages.page(visit.request, "products.html", products=products)

    def product(self, visit: Visit) -> Response:
        """One product, or a new one."""
        name, form = visit.request.path_params.get("product"), visit.form
        known: Product | None = None
        if visit.request.method == "GET":
            with self._database.reading() as connection:
                known = _there(registry.find_product(connection, name)) if name else None
            return self._product_form(visit, known, _fields(known) if known else _NEW_PRODUCT)
        try:
            with self._database.writing() as connection:
                if name:
                    known = _there(registry.find_product(connection, name, lock=True))
                    form = edit = merge(form, _fields(known), _PRODUCT_PARTS)
                    edit.check()
                values = {**form.fields, "counters": read_counters(form), "phone": bool(form.text("phone"))}
                wanted = convert(_only(values, Product), Product)
                if not name and registry.find_product(connection, wanted.product):
                    raise FieldError("product", TAKEN)
                if wanted != known:
                    registry.store_product(connection, wanted, act=visit.act())
        except FieldError as problem:
            return self._product_form(visit, known, form.fields, problem)
        return RedirectResponse("/staff/products", 303)

    def customers(self, visit: Visit) -> Response:
        """The customers in whose details a text stands, page by page."""
        query = visit.request.query_params
        text, after = query.get("text", "").strip(), query.get("after")
        with self._database.reading() as connection:
            found = list_customers(connection, text, after=after, limit=ROWS + 1)
        more = found[ROWS - 1].customer if len(found) > ROWS else None
        return self._pages.page(
            visit.request, "customers.html", customers=found[:ROWS], text=text, after=after, more=more
        )

    def customer(self, visit: Visit) -> Response:
        """One customer, or a new one."""
        number, form = visit.request.path_params.get("customer"), visit.form
        known: Customer | None = None
        if visit.request.method == "GET":
            with self._database.reading() as connection:
                known = _there(find_customer(connection, number)) if number else None
            return self._customer_form(visit, known, msgspec.to_builtins(known) if known else {})
        try:
            with self._database.writing() as connection:
                if number:
                    known = _there(find_customer(connection, number, lock=True))
                    form = edit = merge(form, msgspec.to_builtins(known), _CUSTOMER_PARTS)
                    edit.check()
                wanted = convert(_only(form.fields, Customer), Customer)
                if not number and find_customer(connection, wanted.customer):
                    raise FieldError("customer", TAKEN)
                if wanted != known:
                    store_customer(connection, wanted, act=visit.act())
        except FieldError as problem:
            return self._customer_form(visit, known, form.fields, problem)
        return RedirectResponse("/staff/customers", 303)

    def _product_form(
        self, visit: Visit, known: Product | None, fields: Mapping[str, str], problem: FieldError | None = None
    ) -> Response:
        return self._pages.page(
            visit.request,
            "product.html",
            409 if problem else 200,
            known=known,
            was=held(_fields(known), _PRODUCT_PARTS) if known else {},
            fields=shown(fields),
            rows=rows_of(fields, "counter_name", spare=2),
            types=COUNTER_TYPES,
            problems=problem.words(self._pages.texts(visit.request)) if problem else {},
        )

    def _customer_form(
        self, visit: Visit, known: Customer | None, fields: Mapping[str, str], problem: FieldError | None = None
    ) -> Response:
        return self._pages.page(
            visit.request,
            "customer.html",
            409 if problem else 200,
            known=known,
            was=held(msgspec.to_builtins(known), _CUSTOMER_PARTS) if known else {},
            fields=shown(fields),
            problems=problem.words(self._pages.texts(visit.request)) if problem else {},
        )


def _there(found: Found | None) -> Found:
    if found is None:
        raise HTTPException(404)
    return found


def _fields(product: Product) -> dict[str, str]:
    shown = {name: str(value) for name, value in msgspec.structs.asdict(product).items()}
    return {**shown, "phone": "1" if product.phone else "", **counter_fields(product.counters)}


def _only(values: Mapping[str, Any], kind: type[msgspec.Struct]) -> dict[str, Any]:
    """What the structure knows, without spaces around it and without what was left empty."""
    trimmed = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    return {name: value for name, value in trimmed.items() if name in kind.__struct_fields__ and value != ""}
