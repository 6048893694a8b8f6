"""sign-in by a provider."""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_sign_in_rule_created_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_sign_in_rule_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_rule")),
    )
    op.create_index("ix_sign_in_rule_organization_id", "sign_in_rule", ["organization_id"])
    op.create_index(
        "uq_sign_in_rule_open", "sign_in_rule", ["claim", "value", "organization_id"], unique=True,
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "external_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_external_identity_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
    )
    op.create_index("ix_external_identity_user_id", "external_identity", ["user_id"])
    op.create_index(
        "uq_external_identity_open", "external_identity", ["issuer", "subject"], unique=True,
        sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("sign_in_rule_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_membership_sign_in_rule_id_sign_in_rule"), "sign_in_rule", ["sign_in_rule_id"], ["id"]
        )
        table.create_index("ix_membership_sign_in_rule_id", ["sign_in_rule_id"])
    with op.batch_alter_table("user_session") as table:
        table.add_column(sa.Column("external_identity_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_user_session_external_identity_id_external_identity"), "external_identity",
            ["external_identity_id"], ["id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("user_session") as table:
        table.drop_constraint(op.f("fk_user_session_external_identity_id_external_identity"), type_="foreignkey")
        table.drop_column("external_identity_id")
    with op.batch_alter_table("membership") as table:
        table.drop_index("ix_membership_sign_in_rule_id")
        table.drop_constraint(op.f("fk_membership_sign_in_rule_id_sign_in_rule"), type_="foreignkey")
        table.drop_column("sign_in_rule_id")
    op.drop_table("external_identity")
    op.drop_table("sign_in_rule")
