"""banks and mentors."""

import sqlalchemy as sa
from alembic import op

from matchhub.core import dictionaries
from matchhub.core.db import UtcDateTime
from matchhub.core.pinyin import search_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORDS = ("bank_types", "complaint_reasons", "educations", "employer_kinds")
CHUNK = 1_000


def upgrade() -> None:
    op.create_table(
        "bank_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bank_type", sa.String(length=40), nullable=True),
        sa.Column("branch", sa.String(length=120), nullable=False),
        sa.Column("districts_served", sa.JSON(), nullable=False),
        sa.Column("account_managers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["profile.id"], name=op.f("fk_bank_profile_id_profile"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_profile")),
    )
    op.create_table(
        "mentor_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("education", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("employer_kind", sa.String(length=40), nullable=True),
        sa.Column("employer", sa.String(length=160), nullable=False),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("years", sa.Integer(), nullable=True),
        sa.Column("honours", sa.Text(), nullable=False),
        sa.Column("interests", sa.Text(), nullable=False),
        sa.Column("hides_from_public", sa.Boolean(), nullable=False),
        sa.Column("registered_until", sa.Date(), nullable=True),
        sa.Column("registration_number", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["profile.id"], name=op.f("fk_mentor_profile_id_profile"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentor_profile")),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complainer_id", sa.Integer(), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("complainer_id <> about_id", name=op.f("ck_complaint_two_parties")),
        sa.ForeignKeyConstraint(["about_id"], ["organization.id"], name=op.f("fk_complaint_about_id_organization")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["user.id"], name=op.f("fk_complaint_answered_by_id_user")),
        sa.ForeignKeyConstraint(
            ["complainer_id"], ["organization.id"], name=op.f("fk_complaint_complainer_id_organization")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_complaint_made_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    op.create_index(op.f("ix_complaint_about_id"), "complaint", ["about_id"])
    op.create_index(op.f("ix_complaint_complainer_id"), "complaint", ["complainer_id"])
    op.create_index(op.f("ix_complaint_state"), "complaint", ["state"])
    only_open = sa.text("state = 'open'")
    op.create_index(
        "uq_complaint_open", "complaint", ["complainer_id", "about_id"], unique=True, sqlite_where=only_open,
        postgresql_where=only_open,
    )  # fmt: skip
    op.add_column("organization", sa.Column("search_text", sa.Text(), server_default="", nullable=False))
    _fill_search_text()
    op.drop_index("ix_organization_kind_sort", "organization")
    op.create_index("ix_organization_listed", "organization", ["kind", "status", "sort_key"])
    dictionaries.bring(op.get_bind(), WORDS)


def _fill_search_text() -> None:
    """Make those who are here findable by name, pinyin and initials."""
    columns = [sa.column(name) for name in ("id", "name", "short_name", "name_en", "search_text")]
    organization, connection = sa.table("organization", *columns), op.get_bind()
    rows = connection.execute(
        sa.select(*(organization.c[name] for name in ("id", "name", "short_name", "name_en")))
    ).all()
    change = (
        organization.update().where(organization.c.id == sa.bindparam("row")).values(search_text=sa.bindparam("words"))
    )
    for start in range(0, len(rows), CHUNK):
        connection.execute(
            change, [{"row": row[0], "words": search_text(*row[1:])} for row in rows[start : start + CHUNK]]
        )


def downgrade() -> None:
    dictionaries.take_away(op.get_bind(), WORDS)
    op.drop_index("ix_organization_listed", "organization")
    op.create_index("ix_organization_kind_sort", "organization", ["kind", "sort_key"])
    op.drop_column("organization", "search_text")
    op.drop_table("complaint")
    op.drop_table("mentor_profile")
    op.drop_table("bank_profile")
