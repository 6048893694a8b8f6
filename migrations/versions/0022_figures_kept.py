"""figures of large scopes, kept by the worker."""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_figures",
        sa.Column("scope", sa.String(length=12), nullable=False),
        sa.Column("own", sa.String(length=20), nullable=False),
        sa.Column("as_of", UtcDateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "own", name=op.f("pk_kept_figures")),
    )


def downgrade() -> None:
    op.drop_table("kept_figures")
