"""members of a jury are people, with or without a seat."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

FROM_SEATS = """
UPDATE jury_member SET
  user_id = (SELECT user_id FROM registration WHERE registration.id = jury_member.registration_id),
  organization_id = (SELECT organization_id FROM registration WHERE registration.id = jury_member.registration_id)
"""
TO_SEATS = """
UPDATE jury_member SET registration_id = (
  SELECT registration.id FROM registration JOIN jury ON jury.event_id = registration.event_id
  WHERE jury.id = jury_member.jury_id AND registration.user_id = jury_member.user_id
)
"""


def upgrade() -> None:
    with op.batch_alter_table("jury_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("organization_id", sa.Integer(), nullable=True))
    op.execute(FROM_SEATS)
    with op.batch_alter_table("jury_member", schema=None) as batch_op:
        batch_op.alter_column("user_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(batch_op.f("fk_jury_member_user_id_user"), "user", ["user_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_jury_member_organization_id_organization"), "organization", ["organization_id"], ["id"]
        )
        batch_op.drop_constraint(batch_op.f("uq_jury_member_jury_id_registration_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_jury_member_registration_id_registration"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_jury_member_registration_id"))
        batch_op.drop_column("registration_id")
        batch_op.create_unique_constraint(batch_op.f("uq_jury_member_jury_id_user_id"), ["jury_id", "user_id"])
        batch_op.create_index(batch_op.f("ix_jury_member_user_id"), ["user_id"])


def downgrade() -> None:
    with op.batch_alter_table("jury_member", schema=None) as batch_op:
        batch_op.add_column(sa.Column("registration_id", sa.Integer(), nullable=True))
    op.execute(TO_SEATS)
    orphans = "SELECT id FROM jury_member WHERE registration_id IS NULL"
    op.execute(f"DELETE FROM jury_score WHERE member_id IN ({orphans})")
    op.execute("DELETE FROM jury_member WHERE registration_id IS NULL")
    with op.batch_alter_table("jury_member", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_jury_member_jury_id_user_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_jury_member_organization_id_organization"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_jury_member_user_id_user"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_jury_member_user_id"))
        batch_op.drop_column("organization_id")
        batch_op.drop_column("user_id")
        batch_op.alter_column("registration_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_jury_member_registration_id_registration"), "registration", ["registration_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_jury_member_jury_id_registration_id"), ["jury_id", "registration_id"]
        )
        batch_op.create_index(batch_op.f("ix_jury_member_registration_id"), ["registration_id"])
