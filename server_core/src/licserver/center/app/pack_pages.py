# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's pages of license packs. docs/specification.md, section 6.

The password of a pack is shown once, as PINs are.
"""

import logging
from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from licserver.center import pack_registry, registry
from licserver.center.app.door import Door, Visit
from licserver.center.app.filled_in import TAKEN, FieldError, convert, read_raises, rows_of, shown
from licserver.center.app.key_pages import NO_PRODUCT, ROWS
from licserver.center.catalog import Catalog, CatalogPack, apply_catalog
from licserver.center.foundation import Center
from licserver.center.pins import make_key_number
from licserver.pages.languages import N_
from licserver.pages.rendering import Pages

_NO_COUNTER = N_("The product has no such counter.")
_log = logging.getLogger(__name__)


class PackPages:
    """The license packs of one center."""

    def __init__(self, pages: Pages, center: Center) -> None:
        self._pages = pages
        self._database = center.database
        self._pepper = center.authority.pepper

    def routes(self, door: Door) -> list[Route]:
        """The addresses of these pages."""
        return [
            Route("/staff/packs", door.only("desk", "vendor")(self.packs)),
            Route("/staff/packs/new", door.only("vendor")(self.new), methods=["GET", "POST"]),
        ]

    def packs(self, visit: Visit) -> Response:
        """The packs in which a text stands, page by page."""
        query = visit.request.query_params
        text, after = query.get("text", "").strip(), query.get("after")
        with self._database.reading() as connection:
            found = pack_registry.list_packs(connection, text, after=after, limit=ROWS + 1)
        more = found[ROWS - 1]["pack"] if len(found) > ROWS else None
        return self._pages.page(visit.request, "packs.html", packs=found[:ROWS], text=text, after=after, more=more)

    def new(self, visit: Visit) -> Response:
        """A pack is issued; its password is shown."""
        if visit.request.method == "GET":
            return self._form(visit, {"pack": f"P-{make_key_number()}"})
        try:
            values = {"pack": visit.form.text("pack"), "product": visit.form.text("product")}
            wanted = convert({**values, "raises": read_raises(visit.form)}, CatalogPack)
            with self._database.writing() as connection:
                if pack_registry.find_pack(connection, wanted.pack) is not None:
                    raise FieldError("pack", TAKEN)
                product = registry.find_product(connection, wanted.product)
                if product is None:
                    raise FieldError("product", NO_PRODUCT)
                if not {one.counter for one in wanted.raises} <= {counter.name for counter in product.counters}:
                    raise FieldError("raises", _NO_COUNTER)
                catalog = Catalog(packs=(wanted,))
                applied = apply_catalog(connection, catalog, pepper=self._pepper, act=visit.act())
        except FieldError as problem:
            return self._form(visit, visit.form.fields, problem)
        _log.info("staff: %s issued the pack %s", visit.member.name, wanted.pack)
        return self._pages.page(
            visit.request, "made_password.html", pack=wanted, password=applied.made_passwords[wanted.pack]
        )

    def _form(self, visit: Visit, fields: Mapping[str, str], problem: FieldError | None = None) -> Response:
        with self._database.reading() as connection:
            products = registry.list_products(connection)
        counters = sorted({counter.name for product in products for counter in product.counters})
        return self._pages.page(
            visit.request,
            "pack_form.html",
            409 if problem else 200,
            products=[(product.product, product.name) for product in products],
            counters=counters,
            fields=shown(fields),
            rows=rows_of(fields, "raise_counter", spare=2),
            problems=problem.words(self._pages.texts(visit.request)) if problem else {},
        )
