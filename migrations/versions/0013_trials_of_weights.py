"""trials of weights.

Dry runs of other weights, and when a version of the weights was last put to use.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("matching_model", sa.Column("activated_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE matching_model SET activated_at = created_at WHERE is_active")
    op.create_table(
        "model_trial",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("base_id", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["base_id"], ["matching_model.id"], name=op.f("fk_model_trial_base_id_matching_model")
        ),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f("fk_model_trial_by_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_trial")),
    )
    op.create_index("ix_model_trial_kind", "model_trial", ["kind", "id"])
    op.create_index("ix_model_trial_state", "model_trial", ["state"])


def downgrade() -> None:
    op.drop_index("ix_model_trial_state", table_name="model_trial")
    op.drop_index("ix_model_trial_kind", table_name="model_trial")
    op.drop_table("model_trial")
    op.drop_column("matching_model", "activated_at")
