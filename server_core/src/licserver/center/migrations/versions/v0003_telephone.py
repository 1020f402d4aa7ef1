# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was answered by telephone, where the center is not told the whole license."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """A new table: a center of the release before, which answers no calls, does not see it."""
    op.create_table(
        "phone_activations",
        sa.Column("request_id", sa.String(64), sa.ForeignKey("activations.request_id"), primary_key=True),
        sa.Column("license", sa.Text, nullable=False),
    )
