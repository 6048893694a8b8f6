"""the board."""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_stage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_own_stage_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_stage")),
        sa.UniqueConstraint("id", "stage", name=op.f("uq_own_stage_id_stage")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_own_stage_organization_id_name")),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("is_table", sa.Boolean(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_saved_view_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_view_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "user_id", "organization_id", "name", name=op.f("uq_saved_view_user_id_organization_id_name")
        ),
    )
    op.create_table(
        "board_move",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.String(length=20), nullable=False),
        sa.Column("after", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_board_move_deal_id_deal")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_board_move_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_move")),
    )
    with op.batch_alter_table("board_move") as batch:
        batch.create_index(batch.f("ix_board_move_deal_id"), ["deal_id"], unique=False)
    op.create_table(
        "deal_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_deal_note_author_id_user")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_note_deal_id_deal")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_deal_note_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_note")),
    )
    with op.batch_alter_table("deal_note") as batch:
        batch.create_index(batch.f("ix_deal_note_deal_id"), ["deal_id"], unique=False)
        batch.create_index(batch.f("ix_deal_note_organization_id"), ["organization_id"], unique=False)
    with op.batch_alter_table("deal") as batch:
        batch.add_column(sa.Column("own_stage_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("assignee_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("move_count", sa.Integer(), server_default="0", nullable=False))
        batch.create_index(batch.f("ix_deal_own_stage_id"), ["own_stage_id"], unique=False)
        batch.create_foreign_key("own_stage_of_stage", "own_stage", ["own_stage_id", "stage"], ["id", "stage"])
        batch.create_foreign_key(batch.f("fk_deal_assignee_id_user"), "user", ["assignee_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("deal") as batch:
        batch.drop_constraint(batch.f("fk_deal_assignee_id_user"), type_="foreignkey")
        batch.drop_constraint("own_stage_of_stage", type_="foreignkey")
        batch.drop_index(batch.f("ix_deal_own_stage_id"))
        batch.drop_column("move_count")
        batch.drop_column("assignee_id")
        batch.drop_column("own_stage_id")
    op.drop_table("deal_note")
    op.drop_table("board_move")
    op.drop_table("saved_view")
    op.drop_table("own_stage")
