# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers; what a product says of telephone, facts and its key files; what the history says of clones."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Every new column has a value for the rows that are there, and for an older center that still runs."""
    op.add_column("products", sa.Column("phone", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("products", sa.Column("same_facts", sa.Integer, nullable=False, server_default="1"))
    op.add_column("products", sa.Column("head", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "customers",
        sa.Column("customer", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("tax_id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("added_at", sa.BigInteger, nullable=False),
    )
    # alembic would add the reference in a step of its own, which SQLite does not have
    op.execute("ALTER TABLE keys ADD COLUMN customer VARCHAR(64) REFERENCES customers (customer)")
    op.create_index("ix_keys_customer", "keys", ["customer"])
    op.add_column("history", sa.Column("customer", sa.String(64)))
    op.add_column("history", sa.Column("facts", sa.String(64)))
