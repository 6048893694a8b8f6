"""needs by publication.

The list of all needs begins with those that wait to be published: the index tells them from drafts, which no list shows.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEX = "ix_need_published_at"


def upgrade() -> None:
    op.drop_index(INDEX, table_name="need")
    op.create_index(INDEX, "need", ["published_at", "state"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="need")
    op.create_index(INDEX, "need", ["published_at"])
