# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the first release, which did not write down its revision."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them in a new database."""
    op.create_table(
        "products",
        sa.Column("product", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("pins", sa.Integer, nullable=False),
        sa.Column("reactivation", sa.String(16), nullable=False),
    )
    op.create_table(
        "keys",
        sa.Column("key_number", sa.String(64), primary_key=True),
        sa.Column("product", sa.String(64), sa.ForeignKey("products.product"), nullable=False, index=True),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("added_at", sa.BigInteger, nullable=False),
    )
    for owner, table in (("product", "products"), ("key_number", "keys")):
        op.create_table(
            f"{table[:-1]}_counters",
            sa.Column(owner, sa.String(64), sa.ForeignKey(f"{table}.{owner}"), primary_key=True),
            sa.Column("position", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(64), nullable=False),
            sa.Column("type", sa.String(16), nullable=False),
            sa.Column("limit", sa.Integer, nullable=False),
        )
    op.create_table(
        "pins",
        sa.Column("pin", sa.Integer, primary_key=True),
        sa.Column("key_number", sa.String(64), sa.ForeignKey("keys.key_number"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.UniqueConstraint("key_number", "digest"),
    )
    op.create_table(
        "activations",
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("key_number", sa.String(64), sa.ForeignKey("keys.key_number"), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("pin", sa.Integer, sa.ForeignKey("pins.pin"), nullable=False, unique=True),
        sa.Column("key_public", sa.String(64), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("company", sa.JSON, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("activated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("key_number", "ordinal"),
    )
    op.create_table(
        "packs",
        sa.Column("pack", sa.String(64), primary_key=True),
        sa.Column("product", sa.String(64), sa.ForeignKey("products.product"), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pack_raises",
        sa.Column("pack", sa.String(64), sa.ForeignKey("packs.pack"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("counter", sa.String(64), nullable=False),
        sa.Column("licenses", sa.Integer, nullable=False),
    )
    op.create_table(
        "pack_activations",
        sa.Column("request_id", sa.String(64), primary_key=True),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("pack", sa.String(64), sa.ForeignKey("packs.pack"), nullable=False, unique=True),
        sa.Column("key_number", sa.String(64), sa.ForeignKey("keys.key_number"), nullable=False),
        sa.Column("activation", sa.Integer, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("activated_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("key_number", "activation", "revision"),
    )
    op.create_table(
        "history",
        sa.Column("entry", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("product", sa.String(64)),
        sa.Column("key_number", sa.String(64)),
        sa.Column("pack", sa.String(64)),
        sa.Column("code", sa.String(32)),
        sa.Column("request_id", sa.String(64)),
    )
    op.create_index("history_by_key", "history", ["key_number", "at"])
    op.create_index("history_by_pack", "history", ["pack", "at"])
