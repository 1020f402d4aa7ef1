# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hardware keys were given."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """A new table; nothing is in it."""
    op.create_table(
        "hardware_licenses",
        sa.Column("key_number", sa.String(64), sa.ForeignKey("keys.key_number"), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("license", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
    )
