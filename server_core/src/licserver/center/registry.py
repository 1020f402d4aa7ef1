# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the center's database and written to it, one function per question.

Every function works inside the caller's transaction. docs/specification.md, section 5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Executable,
    RowMapping,
    Table,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from licserver.binding import FACT_KINDS
from licserver.center import statements
from licserver.center.acting import Act
from licserver.center.answering import WRONG_PIN_PERIOD, Case, KeyRecord, PinState, Reactivation
from licserver.center.clones import Self
from licserver.center.schema import (
    activations,
    customers,
    hardware_licenses,
    history,
    key_counters,
    keys,
    phone_activations,
    pins,
    product_counters,
    products,
)
from licserver.documents import (
    ActivationRequest,
    Counter,
    FactDigest,
    FactKind,
    License,
    Name,
    Seconds,
    read_unchecked,
)

Head = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^(?!.*-----)[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")]
"""One line of text in a file whose blocks begin and end with hyphens."""

_MOST_WORDS = 30
_LAST_ENTRY = 2**31 - 1
"""The largest number that PostgreSQL takes for one of the history."""
_SEARCHED = ("event", "product", "key_number", "pack", "customer", "code", "request_id", "way", "actor")


class Product(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A product as the vendor sells it.

    :ivar pins: how many PINs a new key gets.
    :ivar phone: may a key be activated by telephone?
    :ivar same_facts: how many of the four facts must be unchanged where a key is activated again.
    :ivar head: the vendor's words at the head of every key file.
    """

    product: Name
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    counters: Annotated[tuple[Counter, ...], msgspec.Meta(min_length=1)]
    pins: Annotated[int, msgspec.Meta(ge=1, le=100)] = 3
    reactivation: Reactivation = "pins"
    phone: bool = False
    same_facts: Annotated[int, msgspec.Meta(ge=1, le=len(FACT_KINDS))] = 1
    head: Head = ""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the vendor sold it.

    :ivar counters: its own in place of the product's; empty where the product's hold.
    :ivar customer: to whom it was sold, where that is known.
    """

    key_number: Name
    product: Name
    counters: tuple[Counter, ...] = ()
    expires_at: Seconds | None = None
    customer: Name | None = None


@dataclass(frozen=True)
class StoredAnswer:
    """What a request got."""

    request_digest: str
    answer: str


def find_product(connection: Connection, product: str, *, lock: bool = False) -> Product | None:
    """The product of that name.

    :param lock: nobody else may change it until the transaction ends.
    """
    query = statements.PRODUCT_TO_CHANGE if lock else statements.PRODUCT
    row = connection.execute(query, {"product_": product}).mappings().first()
    return _product(connection, row) if row else None


def list_products(connection: Connection) -> list[Product]:
    """Every product, by name."""
    rows = connection.execute(select(products).order_by(products.c.product)).mappings()
    return [_product(connection, row) for row in rows]


def store_product(connection: Connection, product: Product, *, act: Act) -> None:
    """Add a product, or change the one of that name."""
    values = msgspec.structs.asdict(product)
    del values["product"], values["counters"]
    same = products.c.product == product.product
    known = connection.execute(update(products).where(same).values(values)).rowcount == 1
    if not known:
        connection.execute(insert(products).values(product=product.product, **values))
    _store_counters(connection, product_counters, product.product, product.counters)
    record(connection, "product_changed" if known else "product_added", act=act, product=product.product)


def find_key(connection: Connection, key_number: str, *, lock: bool = False) -> Key | None:
    """The key of that number.

    :param lock: nobody else may decide on this key until the transaction ends.
    """
    query = statements.KEY_TO_DECIDE_ON if lock else statements.KEY
    row = connection.execute(query, {"key_number_": key_number}).mappings().first()
    if row is None:
        return None
    return Key(
        key_number=row["key_number"],
        product=row["product"],
        counters=_counters(connection, statements.COUNTERS_OF_KEY, key_number),
        expires_at=row["expires_at"],
        customer=row["customer"],
    )


def product_of(connection: Connection, key: Key) -> Product:
    """The product that a key is of."""
    product = find_product(connection, key.product)
    assert product is not None  # a foreign key of the schema
    return product


def store_key(connection: Connection, key: Key, *, act: Act) -> None:
    """Add a key, or change the one of that number; its product stays."""
    same = keys.c.key_number == key.key_number
    values = {"expires_at": key.expires_at, "customer": key.customer}
    known = connection.execute(update(keys).where(same).values(values)).rowcount == 1
    if not known:
        new = {"key_number": key.key_number, "product": key.product, "added_at": act.at}
        connection.execute(insert(keys).values(**new, **values))
    _store_counters(connection, key_counters, key.key_number, key.counters)
    record(connection, "key_changed" if known else "key_added", act=act, product=key.product, key_number=key.key_number)


def sold_keys(connection: Connection) -> list[Key]:
    """Every key that is activated with PINs, by number; hardware keys are not."""
    counters: dict[str, list[Counter]] = {}
    for row in connection.execute(select(key_counters).order_by(key_counters.c.key_number, key_counters.c.position)):
        counters.setdefault(row.key_number, []).append(Counter(name=row.name, type=row.type, limit=row.limit))
    columns = keys.c.key_number, keys.c.product, keys.c.expires_at, keys.c.customer
    on_token = exists().where(hardware_licenses.c.key_number == keys.c.key_number)
    rows = connection.execute(select(*columns).where(~on_token).order_by(keys.c.key_number)).mappings()
    return [Key(counters=tuple(counters.get(row["key_number"], ())), **row) for row in rows]


def pin_digests(connection: Connection, key_number: str) -> set[str]:
    """The digests of all PINs of a key, spent or not."""
    return set(connection.scalars(select(pins.c.digest).where(pins.c.key_number == key_number)))


def add_pins(connection: Connection, key_number: str, digests: Iterable[str]) -> None:
    """Give a key further PINs."""
    connection.execute(insert(pins), [{"key_number": key_number, "digest": digest} for digest in digests])


def find_answer(connection: Connection, request_id: str) -> StoredAnswer | None:
    """What the request of that id was answered, if it was granted."""
    row = connection.execute(statements.ANSWER, {"request_id_": request_id}).first()
    return StoredAnswer(row.request_digest, row.answer) if row else None


def case_of(connection: Connection, key: Key, digest: str, *, now: int) -> tuple[Case, int | None]:
    """Everything that is known of a key and of the PIN with that digest, and the PIN's own number in the registry."""
    rows = connection.execute(statements.PINS, {"key_number_": key.key_number}).all()
    shown = next((row for row in rows if row.digest == digest), None)
    case = Case(
        key=key_record(connection, key),
        last=issued_license(connection, key.key_number),
        pin=PinState.WRONG if shown is None else PinState.SPENT if shown.spent else PinState.UNSPENT,
        unspent_pins=sum(not row.spent for row in rows),
        recent_wrong_pins=_recent_wrong_pins(connection, key.key_number, now),
    )
    return case, shown.pin if shown else None


def key_record(connection: Connection, key: Key) -> KeyRecord:
    """A key with what its product says."""
    product = product_of(connection, key)
    return KeyRecord(
        key.key_number,
        product.product,
        product.name,
        key.counters or product.counters,
        product.reactivation,
        key.expires_at,
        product.same_facts,
        product.head,
        product.phone,
        product.pins,
    )


def store_activation(
    connection: Connection,
    request: ActivationRequest,
    license: License,
    answer: StoredAnswer,
    *,
    pin: int,
    act: Act,
    by_phone: bool = False,
) -> None:
    """Spend a PIN for a license.

    :param by_phone: the answer is not the license, which the server that asked signs by itself.
    """
    values = {
        "request_id": request.request_id,
        "request_digest": answer.request_digest,
        "key_number": license.key_number,
        "ordinal": license.activation,
        "pin": pin,
        "key_public": license.key_public,
        "facts": msgspec.to_builtins(license.facts),
        "company": msgspec.to_builtins(license.company),
        "answer": answer.answer,
        "activated_at": license.issued_at,
    }
    connection.execute(statements.ACTIVATED, values)
    if by_phone:
        told = {"request_id": request.request_id, "license": msgspec.json.encode(license).decode()}
        connection.execute(insert(phone_activations).values(told))
    record(
        connection,
        "activated",
        act=act,
        product=license.product,
        key_number=license.key_number,
        request_id=request.request_id,
    )


def record(
    connection: Connection,
    event: str,
    *,
    act: Act,
    product: str | None = None,
    key_number: str | None = None,
    pack: str | None = None,
    code: str | None = None,
    request_id: str | None = None,
    customer: str | None = None,
    facts: str | None = None,
) -> None:
    """Add a line to the history."""
    about = {"product": product, "key_number": key_number, "pack": pack, "customer": customer, "facts": facts}
    happened = {"at": act.at, "event": event, "code": code, "request_id": request_id, **about}
    happened |= {"way": act.by.way, "actor": act.by.name}
    connection.execute(statements.HAPPENED, happened)


def selves_of(connection: Connection, key_number: str) -> list[Self]:
    """What the activations of a key made of it, the last one at the end."""
    columns = activations.c.key_public, activations.c.facts
    query = select(*columns).where(activations.c.key_number == key_number).order_by(activations.c.ordinal)
    rows = connection.execute(query)
    return [Self(row.key_public, msgspec.convert(row.facts, dict[FactKind, FactDigest])) for row in rows]


def record_clone(
    connection: Connection, key_number: str, differ: Sequence[FactKind], *, by: str, request_id: str, act: Act
) -> None:
    """Note, once for each request, that a key was seen beside its last self.

    :param differ: the facts in which the two differ.
    :param by: what it was seen by: ``activation``, ``repeated_request`` or ``pack_request``.
    """
    seen = exists().where(history.c.key_number == key_number, history.c.event == "clone_seen")
    if not connection.scalar(select(seen.where(history.c.request_id == request_id))):
        facts = ",".join(differ)
        record(connection, "clone_seen", act=act, key_number=key_number, code=by, facts=facts, request_id=request_id)


def issued_license(connection: Connection, key_number: str) -> License | None:
    """The license in force of a key: that of its last activation, or of the last pack since. After an activation by
    telephone it is what was answered for, with short facts and without the key pair."""
    activated = connection.execute(statements.LAST_ACTIVATION, {"key_number_": key_number}).first()
    if activated is None:
        token = hardware_license(connection, key_number)
        return None if token is None else read_unchecked(token, License)
    since = {"key_number_": key_number, "activation_": activated.ordinal}
    raised = connection.scalar(statements.LAST_PACK, since)
    if raised is None and activated.license is not None:
        return msgspec.json.decode(activated.license, type=License)
    return read_unchecked(raised or activated.answer, License)


def hardware_license(connection: Connection, key_number: str) -> str | None:
    """The newest signed license of a hardware key, that of an update or of a pack; ``None``: it is none."""
    issued: str | None = connection.scalar(statements.LAST_ON_TOKEN, {"key_number_": key_number})
    if issued is None:
        return None
    last = read_unchecked(issued, License)
    since = {"key_number_": key_number, "activation_": last.activation}
    raised: str | None = connection.scalar(statements.LAST_PACK, since)
    return raised if raised is not None and read_unchecked(raised, License).revision > last.revision else issued


def search_keys(
    connection: Connection,
    text: str = "",
    *,
    product: str | None = None,
    customer: str | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """Keys in one line each, by number: product, customer, PINs, how many of them are spent.

    :param text: words that each stand in the key's number, its product, its customer, or the company that activated it.
    :param after: only keys behind this one, to go on where an earlier search ended.
    """
    named = activations.c.company["name"].as_string()
    query = (
        select(
            keys.c.key_number,
            keys.c.product,
            products.c.name.label("product_name"),
            keys.c.customer,
            customers.c.name.label("customer_name"),
            keys.c.expires_at,
            func.count(pins.c.pin).label("pins"),
            func.count(activations.c.request_id).label("pins_spent"),
            func.max(activations.c.activated_at).label("activated_at"),
        )
        .join_from(keys, products)
        .outerjoin(customers, customers.c.customer == keys.c.customer)
        .outerjoin(pins, pins.c.key_number == keys.c.key_number)
        .outerjoin(activations, activations.c.pin == pins.c.pin)
        .group_by(keys.c.key_number, products.c.product, customers.c.customer)
        .order_by(keys.c.key_number)
        .limit(limit)
    )
    about = (keys.c.key_number, keys.c.product, products.c.name, keys.c.customer, customers.c.name)
    for word in _words_of(text):
        by_company = exists().where(activations.c.key_number == keys.c.key_number, _contains(named, word))
        query = query.where(or_(*(_contains(column, word) for column in about), by_company.correlate(keys)))
    for column, wanted in ((keys.c.product, product), (keys.c.customer, customer)):
        query = query if wanted is None else query.where(column == wanted)
    query = query if after is None else query.where(keys.c.key_number > after)
    return [dict(row) for row in connection.execute(query).mappings()]


def key_activations(connection: Connection, key_number: str) -> list[dict[str, Any]]:
    """What a key was activated for, oldest first."""
    columns = activations.c.ordinal, activations.c.request_id, activations.c.activated_at, activations.c.company
    query = select(*columns).where(activations.c.key_number == key_number).order_by(activations.c.ordinal)
    return [dict(row) for row in connection.execute(query).mappings()]


def key_history(connection: Connection, key_number: str) -> list[dict[str, Any]]:
    """What happened to a key, oldest first."""
    columns = [history.c[name] for name in ("at", "event", "code", "facts", "request_id", "way", "actor")]
    query = select(*columns).where(history.c.key_number == key_number).order_by(history.c.entry)
    return [dict(row) for row in connection.execute(query).mappings()]


def search_history(
    connection: Connection,
    *,
    text: str = "",
    key_number: str | None = None,
    pack: str | None = None,
    event: str | None = None,
    since: int | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """What happened, newest first.

    :param text: words that each stand in an event, in what or whom it was about, or in who did it.
    :param since: not before this time, in seconds since 1970-01-01 UTC.
    :param before: only entries older than the one of this number (``entry``), to go on where an earlier search ended.
    """
    about = [history.c[name] for name in _SEARCHED]
    query = select(history).order_by(history.c.entry.desc()).limit(limit)
    query = query.where(*having_words(about, text))
    for column, wanted in ((history.c.key_number, key_number), (history.c.pack, pack), (history.c.event, event)):
        query = query if wanted is None else query.where(column == wanted)
    query = query if since is None else query.where(history.c.at >= since)
    query = query if before is None else query.where(history.c.entry < min(before, _LAST_ENTRY))
    return [dict(row) for row in connection.execute(query).mappings()]


def _words_of(text: str) -> list[str]:
    """What is searched for: no more words than a database takes into one question."""
    return text.split()[:_MOST_WORDS]


def having_words(about: Sequence[ColumnElement[str]], text: str) -> list[ColumnElement[bool]]:
    """Each of the words stands in one of the columns."""
    return [or_(*(_contains(column, word) for column in about)) for word in _words_of(text)]


def _contains(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whatever the case of its letters, of any alphabet (:mod:`licserver.center.database` sees to SQLite's)."""
    return column.icontains(word, autoescape=True)


def _product(connection: Connection, row: RowMapping) -> Product:
    return Product(
        product=row["product"],
        name=row["name"],
        counters=_counters(connection, statements.COUNTERS_OF_PRODUCT, row["product"]),
        pins=row["pins"],
        reactivation=row["reactivation"],
        phone=row["phone"],
        same_facts=row["same_facts"],
        head=row["head"],
    )


def _owner_column(table: Table) -> Column[str]:
    return cast("Column[str]", next(iter(table.primary_key.columns)))


def _counters(connection: Connection, statement: Executable, owner: str) -> tuple[Counter, ...]:
    rows = connection.execute(statement, {"owner_": owner})
    return tuple(Counter(name=name, type=type, limit=limit) for name, type, limit in rows)


def _store_counters(connection: Connection, table: Table, owner: str, counters: Sequence[Counter]) -> None:
    column = _owner_column(table)
    connection.execute(delete(table).where(column == owner))
    rows = [
        {column.name: owner, "position": position, **msgspec.to_builtins(counter)}
        for position, counter in enumerate(counters)
    ]
    if rows:
        connection.execute(insert(table), rows)


def _recent_wrong_pins(connection: Connection, key_number: str, now: int) -> int:
    recent = {"key_number_": key_number, "after_": now - WRONG_PIN_PERIOD}
    return connection.scalar(statements.WRONG_PINS, recent) or 0
