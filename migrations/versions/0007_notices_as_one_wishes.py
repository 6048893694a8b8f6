"""notices as one wishes."""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PENDING = sa.text("mail_state = 'pending'")
ALERTED = sa.text("alert <> 'none'")


def upgrade() -> None:
    _wishes()
    _robots()
    _searches()
    _outbox()
    with op.batch_alter_table("introduction") as table:
        table.add_column(sa.Column("refusal_due_at", UtcDateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("refusal_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_introduction_refusal_by_id_membership"), "membership", ["refusal_by_id"], ["id"]
        )
    op.create_index("ix_message_at", "message", ["at"])
    with op.batch_alter_table("match_feedback") as table:
        table.add_column(sa.Column("former", sa.JSON(), nullable=True))
    with op.batch_alter_table("suggestion") as table:
        table.add_column(sa.Column("first_at", UtcDateTime(timezone=True), nullable=True))


def _wishes() -> None:
    op.create_table(
        "notice_wish",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_notice_wish_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", "topic", "channel", name=op.f("pk_notice_wish")),
    )
    op.create_table(
        "quiet_hours",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.Column("rest_days", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "from_minute BETWEEN 0 AND 1439 AND to_minute BETWEEN 0 AND 1439", name=op.f("ck_quiet_hours_within_a_day")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_quiet_hours_user_id_user")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_quiet_hours")),
    )


def _robots() -> None:
    op.create_table(
        "group_robot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("sealed_token", sa.String(length=400), nullable=False),
        sa.Column("sealed_secret", sa.String(length=400), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_group_robot_created_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_group_robot_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_robot")),
    )
    op.create_index("ix_group_robot_organization_id", "group_robot", ["organization_id"])


def _searches() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("list_code", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(length=400), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("alert", sa.String(length=32), nullable=False),
        sa.Column("checked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_saved_search_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_search_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index("ix_saved_search_organization_id", "saved_search", ["organization_id"])
    op.create_index(
        "uq_saved_search", "saved_search", ["user_id", "organization_id", "list_code", "query"], unique=True
    )
    op.create_index(
        "ix_saved_search_alert", "saved_search", ["checked_at"], sqlite_where=ALERTED, postgresql_where=ALERTED
    )


def _outbox() -> None:
    op.drop_index("ix_notice_due", table_name="notice")
    with op.batch_alter_table("notice") as table:
        table.add_column(sa.Column("mail_at", UtcDateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("robot_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_notice_robot_id_group_robot"), "group_robot", ["robot_id"], ["id"])
        table.drop_constraint(op.f("ck_notice_has_recipient"), type_="check")
        table.create_check_constraint(
            op.f("ck_notice_has_recipient"), "recipient_user_id IS NOT NULL OR address <> '' OR robot_id IS NOT NULL"
        )
    op.execute("UPDATE notice SET mail_at = due_at")
    with op.batch_alter_table("notice") as table:
        table.alter_column("mail_at", existing_type=UtcDateTime(timezone=True), nullable=False)
    op.create_index("ix_notice_due", "notice", ["mail_at"], sqlite_where=PENDING, postgresql_where=PENDING)
    op.create_index("ix_notice_robot_id", "notice", ["robot_id"])


def downgrade() -> None:
    op.drop_index("ix_notice_robot_id", table_name="notice")
    op.drop_index("ix_notice_due", table_name="notice")
    op.execute("DELETE FROM notice WHERE robot_id IS NOT NULL")
    with op.batch_alter_table("notice") as table:
        table.drop_constraint(op.f("ck_notice_has_recipient"), type_="check")
        table.create_check_constraint(op.f("ck_notice_has_recipient"), "recipient_user_id IS NOT NULL OR address <> ''")
        table.drop_constraint(op.f("fk_notice_robot_id_group_robot"), type_="foreignkey")
        table.drop_column("robot_id")
        table.drop_column("mail_at")
    op.create_index("ix_notice_due", "notice", ["due_at"], sqlite_where=PENDING, postgresql_where=PENDING)
    with op.batch_alter_table("suggestion") as table:
        table.drop_column("first_at")
    with op.batch_alter_table("match_feedback") as table:
        table.drop_column("former")
    op.drop_index("ix_message_at", table_name="message")
    with op.batch_alter_table("introduction") as table:
        table.drop_constraint(op.f("fk_introduction_refusal_by_id_membership"), type_="foreignkey")
        table.drop_column("refusal_by_id")
        table.drop_column("refusal_due_at")
    op.drop_table("saved_search")
    op.drop_table("group_robot")
    op.drop_table("quiet_hours")
    op.drop_table("notice_wish")
