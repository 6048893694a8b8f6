"""targets and pushes."""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(length=32), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("low > 0", name=op.f("ck_target_low_positive")),
        sa.CheckConstraint("high IS NULL OR high > low", name=op.f("ck_target_range")),
        sa.ForeignKeyConstraint(["set_by_id"], ["user.id"], name=op.f("fk_target_set_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
    )
    op.create_index("ix_target_version", "target", ["indicator", "effective_from"])
    op.create_table(
        "pair_reminder",
        *_pair("pair_reminder"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_reminder")),
    )
    op.create_index("ix_pair_reminder_pair", "pair_reminder", ["need_id", "offer_id", "at"])
    op.create_index("ix_pair_reminder_carrier", "pair_reminder", ["carrier_id", "at"])
    op.create_table(
        "match_push",
        *_pair("match_push"),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_push")),
        sa.UniqueConstraint("need_id", "offer_id", name=op.f("uq_match_push_need_id_offer_id")),
    )
    op.create_index("ix_match_push_carrier", "match_push", ["carrier_id", "at"])


def _pair(table: str) -> list[sa.schema.SchemaItem]:
    """The columns of a pair that a carrier did something about."""
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("carrier_id", sa.Integer(), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        sa.ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
        sa.ForeignKeyConstraint(["carrier_id"], ["organization.id"], name=op.f(f"fk_{table}_carrier_id_organization")),
        sa.ForeignKeyConstraint(["by_user_id"], ["user.id"], name=op.f(f"fk_{table}_by_user_id_user")),
    ]


def downgrade() -> None:
    op.drop_index("ix_match_push_carrier", table_name="match_push")
    op.drop_table("match_push")
    op.drop_index("ix_pair_reminder_carrier", table_name="pair_reminder")
    op.drop_index("ix_pair_reminder_pair", table_name="pair_reminder")
    op.drop_table("pair_reminder")
    op.drop_index("ix_target_version", table_name="target")
    op.drop_table("target")
