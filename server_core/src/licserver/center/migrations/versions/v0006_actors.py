# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who did what the history tells."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Two new columns; what happened before has no name in them."""
    op.add_column("history", sa.Column("way", sa.String(16)))
    op.add_column("history", sa.Column("actor", sa.String(64)))
