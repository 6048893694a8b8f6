"""what large cities need.

Indexes for the questions that walk through whole tables without them: which needs nobody was asked about, and the newest
introductions and needs of a city or a district.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_introduction_need", "introduction", ["need_id"]),
    ("ix_introduction_requested_at", "introduction", ["requested_at"]),
    ("ix_need_published_at", "need", ["published_at"]),
)


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
