"""first suggested.

When a need or an offer first had a pair that fits or may fit: the moment of a list itself moves with every night's run, so that the
suggestions of a month that is over could not be counted.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

STANDING = """
UPDATE published_run SET suggested_at = COALESCE(
    (SELECT MIN(COALESCE(s.first_at, s.created_at)) FROM suggestion AS s
     WHERE s.run_id = published_run.run_id AND s.side = published_run.side
       AND {subject} = published_run.subject_id AND s.verdict IN ('fits', 'may_fit')), at)
WHERE side = '{side}' AND (fits > 0 OR may_fit > 0)
"""


def upgrade() -> None:
    op.add_column("published_run", sa.Column("suggested_at", UtcDateTime(), nullable=True))
    for side in ("need", "offer"):
        op.execute(STANDING.format(side=side, subject=f"s.{side}_id"))


def downgrade() -> None:
    op.drop_column("published_run", "suggested_at")
