"""lists of large cities.

The needs of a district or a carrier by the day they were published, and residencies counted by carrier from an index alone.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_need_of_district", "need", ["district_code", "published_at", "state"]),
    ("ix_need_of_carrier", "need", ["carrier_id", "published_at", "state"]),
    ("ix_residency_counted", "residency", ["status", "carrier_id", "incubation_from", "enterprise_id"]),
)
REPLACED = (("ix_need_district_code", ["district_code"]), ("ix_need_carrier_id", ["carrier_id"]))


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    for name, _ in REPLACED:
        op.drop_index(name, table_name="need")


def downgrade() -> None:
    for name, columns in REPLACED:
        op.create_index(name, "need", columns)
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
