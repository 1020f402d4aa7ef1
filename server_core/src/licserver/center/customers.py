# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""To whom the vendor sells, as the center's database has them.

Every function works inside the caller's transaction.
"""

from typing import Annotated

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update

from licserver.center.acting import Act
from licserver.center.registry import having_words, record
from licserver.center.schema import customers
from licserver.documents import Line, Name


class Customer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer, with the details that a company gives at an activation (:class:`licserver.documents.Company`).

    :ivar customer: the vendor's number or short name for him.
    """

    customer: Name
    name: Annotated[Line, msgspec.Meta(min_length=1)]
    tax_id: Line = ""
    address: Line = ""
    phone: Line = ""
    email: Line = ""


def find_customer(connection: Connection, customer: str, *, lock: bool = False) -> Customer | None:
    """The customer of that number.

    :param lock: nobody else may change him until the transaction ends.
    """
    query = select(customers).where(customers.c.customer == customer)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    return _customer(row) if row else None


def list_customers(
    connection: Connection, text: str = "", *, after: str | None = None, limit: int | None = None
) -> list[Customer]:
    """Customers, by number.

    :param text: words that each stand in one of his details.
    :param after: only customers behind this one, to go on where an earlier search ended.
    """
    query = select(customers).order_by(customers.c.customer).limit(limit)
    about = [customers.c[name] for name in Customer.__struct_fields__]
    query = query.where(*having_words(about, text))
    query = query if after is None else query.where(customers.c.customer > after)
    return list(map(_customer, connection.execute(query).mappings()))


def store_customer(connection: Connection, customer: Customer, *, act: Act) -> None:
    """Add a customer, or change the one of that number."""
    same = customers.c.customer == customer.customer
    values = msgspec.structs.asdict(customer)
    known = connection.execute(update(customers).where(same).values(values)).rowcount == 1
    if not known:
        connection.execute(insert(customers).values(added_at=act.at, **values))
    record(connection, "customer_changed" if known else "customer_added", act=act, customer=customer.customer)


def _customer(row: RowMapping) -> Customer:
    return Customer(**{name: row[name] for name in Customer.__struct_fields__})
