# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the center, the same on SQLite and PostgreSQL.

A PIN is spent when an activation refers to it, a pack when one of its own does; the unique reference is what makes
them spent at most once.
Points in time are whole seconds since 1970-01-01 UTC. A change here is a migration too, see
:mod:`licserver.center.upgrading`.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

REVISION = "0006"
"""The migration that leads to these tables."""

metadata = MetaData()

products = Table(
    "products",
    metadata,
    Column("product", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("pins", Integer, nullable=False),
    Column("reactivation", String(16), nullable=False),
    Column("phone", Boolean, nullable=False, server_default=false()),
    Column("same_facts", Integer, nullable=False, server_default="1"),
    Column("head", Text, nullable=False, server_default=""),
)

customers = Table(
    "customers",
    metadata,
    Column("customer", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("tax_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("added_at", BigInteger, nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("key_number", String(64), primary_key=True),
    Column("product", ForeignKey(products.c.product), nullable=False, index=True),
    Column("expires_at", BigInteger),
    Column("added_at", BigInteger, nullable=False),
    Column("customer", ForeignKey(customers.c.customer), index=True),
)


def _counter_columns() -> list[Column[int] | Column[str]]:
    return [
        Column("position", Integer, primary_key=True),
        Column("name", String(64), nullable=False),
        Column("type", String(16), nullable=False),
        Column("limit", Integer, nullable=False),
    ]


product_counters = Table(
    "product_counters",
    metadata,
    Column("product", ForeignKey(products.c.product), primary_key=True),
    *_counter_columns(),
)

key_counters = Table(
    "key_counters",
    metadata,
    Column("key_number", ForeignKey(keys.c.key_number), primary_key=True),
    *_counter_columns(),
)

pins = Table(
    "pins",
    metadata,
    Column("pin", Integer, primary_key=True),
    Column("key_number", ForeignKey(keys.c.key_number), nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("key_number", "digest"),
)

activations = Table(
    "activations",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("key_number", ForeignKey(keys.c.key_number), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("pin", ForeignKey(pins.c.pin), nullable=False, unique=True),
    Column("key_public", String(64), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("company", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("activated_at", BigInteger, nullable=False),
    UniqueConstraint("key_number", "ordinal"),
)

phone_activations = Table(
    "phone_activations",
    metadata,
    Column("request_id", ForeignKey(activations.c.request_id), primary_key=True),
    Column("license", Text, nullable=False),
)

packs = Table(
    "packs",
    metadata,
    Column("pack", String(64), primary_key=True),
    Column("product", ForeignKey(products.c.product), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("added_at", BigInteger, nullable=False),
)

pack_raises = Table(
    "pack_raises",
    metadata,
    Column("pack", ForeignKey(packs.c.pack), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("counter", String(64), nullable=False),
    Column("licenses", Integer, nullable=False),
)

pack_activations = Table(
    "pack_activations",
    metadata,
    Column("request_id", String(64), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("pack", ForeignKey(packs.c.pack), nullable=False, unique=True),
    Column("key_number", ForeignKey(keys.c.key_number), nullable=False),
    Column("activation", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Column("activated_at", BigInteger, nullable=False),
    UniqueConstraint("key_number", "activation", "revision"),
)

hardware_licenses = Table(
    "hardware_licenses",
    metadata,
    Column("key_number", ForeignKey(keys.c.key_number), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("license", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
)

history = Table(
    "history",
    metadata,
    Column("entry", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("event", String(32), nullable=False),
    Column("product", String(64)),
    Column("key_number", String(64)),
    Column("pack", String(64)),
    Column("code", String(32)),
    Column("request_id", String(64)),
    Column("customer", String(64)),
    Column("facts", String(64)),
    Column("way", String(16)),
    Column("actor", String(64)),
    Index("history_by_key", "key_number", "at"),
    Index("history_by_pack", "pack", "at"),
)

staff = Table(
    "staff",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", String(255), nullable=False),
    Column("added_at", BigInteger, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", ForeignKey(staff.c.name), nullable=False, index=True),
    Column("expires_at", BigInteger, nullable=False),
)
