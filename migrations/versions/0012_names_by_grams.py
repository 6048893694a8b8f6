"""names by pairs and triples of letters.

Each organization keeps the pairs and triples of letters of its names, and an index over them finds the few that may hold what was typed:
FTS5 on SQLite, GIN on PostgreSQL (`core/name_index`).
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core import name_index

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CHUNK = 1000


def upgrade() -> None:
    op.add_column("organization", sa.Column("search_grams", sa.Text(), server_default="", nullable=False))
    _fill()
    for statement in name_index.create(op.get_bind().dialect.name):
        op.execute(sa.text(statement))


def _fill() -> None:
    """Make those who are here findable."""
    columns = [sa.column(name) for name in ("id", "search_text", "search_grams")]
    organization, connection = sa.table("organization", *columns), op.get_bind()
    rows = connection.execute(sa.select(organization.c.id, organization.c.search_text)).all()
    change = (
        organization.update().where(organization.c.id == sa.bindparam("row")).values(search_grams=sa.bindparam("words"))
    )
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        connection.execute(change, [{"row": row[0], "words": name_index.grams_of(row[1])} for row in chunk])


def downgrade() -> None:
    for statement in name_index.drop(op.get_bind().dialect.name):
        op.execute(sa.text(statement))
    op.drop_column("organization", "search_grams")
