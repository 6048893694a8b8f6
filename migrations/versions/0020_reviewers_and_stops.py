"""reviewers of applications, consents behind them, and who wants no more invitations."""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pitch_reviewer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("named_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_pitch_reviewer_event_id_event")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_pitch_reviewer_user_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_pitch_reviewer_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["named_by_id"], ["user.id"], name=op.f("fk_pitch_reviewer_named_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pitch_reviewer")),
        sa.UniqueConstraint("event_id", "user_id", name=op.f("uq_pitch_reviewer_event_id_user_id")),
    )
    op.create_index(op.f("ix_pitch_reviewer_user_id"), "pitch_reviewer", ["user_id"])
    op.create_table(
        "invitation_stop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_key", sa.String(length=270), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["event_invitation.id"], name=op.f("fk_invitation_stop_invitation_id_event_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_stop")),
        sa.UniqueConstraint("person_key", name=op.f("uq_invitation_stop_person_key")),
    )
    with op.batch_alter_table("pitch_application", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_pitch_application_consent_id_consent"), "consent", ["consent_id"], ["id"]
        )
    op.add_column("event_invitation", sa.Column("locale", sa.String(length=8), nullable=False, server_default="zh"))


def downgrade() -> None:
    op.drop_column("event_invitation", "locale")
    with op.batch_alter_table("pitch_application", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_pitch_application_consent_id_consent"), type_="foreignkey")
        batch_op.drop_column("consent_id")
    op.drop_table("invitation_stop")
    op.drop_table("pitch_reviewer")
