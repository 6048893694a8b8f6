"""the other pairings."""

import sqlalchemy as sa
from alembic import op

from matchhub.core import dictionaries

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = (
    "credit_exit_reasons", "guarantee_types", "loan_materials", "meeting_modes", "mentor_categories", "mentor_topics",
    "mentoring_exit_reasons", "repayment_ways", "urgencies",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "loan_product",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instrument", sa.String(length=40), nullable=True),
        sa.Column("amount_min_yuan", sa.BigInteger(), nullable=True),
        sa.Column("amount_max_yuan", sa.BigInteger(), nullable=True),
        sa.Column("rate_min_bp", sa.Integer(), nullable=True),
        sa.Column("rate_max_bp", sa.Integer(), nullable=True),
        sa.Column("term_min_months", sa.Integer(), nullable=True),
        sa.Column("term_max_months", sa.Integer(), nullable=True),
        sa.Column("guarantees", sa.JSON(), nullable=False),
        sa.Column("repayments", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("payout_days", sa.Integer(), nullable=True),
        sa.Column("welcomes_first_loan", sa.Boolean(), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("preferences", sa.JSON(), nullable=False),
        sa.Column("materials", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "amount_min_yuan IS NULL OR amount_max_yuan IS NULL OR amount_max_yuan >= amount_min_yuan",
            name=op.f("ck_loan_product_range"),
        ),
        sa.CheckConstraint("amount_min_yuan IS NULL OR amount_min_yuan > 0", name=op.f("ck_loan_product_min_positive")),
        sa.CheckConstraint(
            "rate_min_bp IS NULL OR rate_max_bp IS NULL OR rate_max_bp >= rate_min_bp",
            name=op.f("ck_loan_product_rates"),
        ),
        sa.CheckConstraint(
            "term_min_months IS NULL OR term_max_months IS NULL OR term_max_months >= term_min_months",
            name=op.f("ck_loan_product_terms"),
        ),
        sa.ForeignKeyConstraint(["id"], ["offer.id"], name=op.f("fk_loan_product_id_offer"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_product")),
    )
    op.create_table(
        "mentorship",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("meeting_modes", sa.JSON(), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("firms_at_most", sa.Integer(), nullable=True),
        sa.CheckConstraint("firms_at_most IS NULL OR firms_at_most BETWEEN 1 AND 50", name=op.f("ck_mentorship_firms")),
        sa.ForeignKeyConstraint(["id"], ["offer.id"], name=op.f("fk_mentorship_id_offer"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentorship")),
    )
    op.create_table(
        "credit_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("amount_min_yuan", sa.BigInteger(), nullable=True),
        sa.Column("amount_max_yuan", sa.BigInteger(), nullable=True),
        sa.Column("term_months", sa.Integer(), nullable=True),
        sa.Column("rate_max_bp", sa.Integer(), nullable=True),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("guarantees", sa.JSON(), nullable=False),
        sa.Column("ip_types", sa.JSON(), nullable=False),
        sa.Column("is_first_loan", sa.Boolean(), nullable=True),
        sa.Column("has_clean_record", sa.Boolean(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "amount_min_yuan IS NULL OR amount_max_yuan IS NULL OR amount_max_yuan >= amount_min_yuan",
            name=op.f("ck_credit_need_range"),
        ),
        sa.CheckConstraint("amount_min_yuan IS NULL OR amount_min_yuan > 0", name=op.f("ck_credit_need_min_positive")),
        sa.CheckConstraint("rate_max_bp IS NULL OR rate_max_bp BETWEEN 1 AND 3600", name=op.f("ck_credit_need_rate")),
        sa.CheckConstraint("term_months IS NULL OR term_months BETWEEN 1 AND 360", name=op.f("ck_credit_need_term")),
        sa.ForeignKeyConstraint(["id"], ["need.id"], name=op.f("fk_credit_need_id_need"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_need")),
    )
    op.create_table(
        "mentoring_need",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("urgency", sa.String(length=40), nullable=True),
        sa.Column("meeting_modes", sa.JSON(), nullable=False),
        sa.Column("sessions_wanted", sa.Integer(), nullable=True),
        sa.Column("needed_by", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "sessions_wanted IS NULL OR sessions_wanted BETWEEN 1 AND 50", name=op.f("ck_mentoring_need_sessions")
        ),
        sa.ForeignKeyConstraint(["id"], ["need.id"], name=op.f("fk_mentoring_need_id_need"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_need")),
    )
    dictionaries.bring(op.get_bind(), WORDS)


def downgrade() -> None:
    dictionaries.take_away(op.get_bind(), WORDS)
    op.drop_table("mentoring_need")
    op.drop_table("credit_need")
    op.drop_table("mentorship")
    op.drop_table("loan_product")
