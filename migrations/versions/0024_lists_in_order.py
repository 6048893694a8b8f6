"""lists in order.

Indexes in which the longest lists stand as they are shown, so that a page reads its fifty rows and not all of a large city.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_need_in_state", "need", ["state", "published_at"]),
    ("ix_need_of_scope", "need", ["carrier_id", "district_code"]),
    ("ix_introduction_in_state", "introduction", ["state", "last_activity_at"]),
    ("ix_residency_newest", "residency", ["carrier_id", "id"]),
    ("ix_residency_of_firm", "residency", ["enterprise_id", "carrier_id", "status"]),
    ("ix_consent_recipient", "consent", ["recipient_id", "active_from"]),
    ("ix_outcome_in_state", "outcome", ["state", "received_on"]),
    ("ix_organization_newest", "organization", ["kind", "status", "verified_at"]),
    ("ix_organization_sort_key", "organization", ["sort_key"]),
    ("ix_user_name", "user", ["name"]),
    ("ix_notice_due_at", "notice", ["due_at"]),
)
REPLACED = (("ix_need_state", "need"), ("ix_introduction_state", "introduction"), ("ix_outcome_state", "outcome"))


def upgrade() -> None:
    for name, table in REPLACED:
        op.drop_index(name, table_name=table)
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    for name, table in REPLACED:
        op.create_index(name, table, ["state"])
