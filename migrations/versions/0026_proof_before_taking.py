"""proof before taking.

When the person of a session last proved again who is there: before lists of others leave the house.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_session", sa.Column("proved_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("user_session", "proved_at")
