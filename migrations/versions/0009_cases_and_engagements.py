"""cases and engagements.

An outcome hangs on its introduction now, so that loans and mentoring have theirs beside shares. Going down, what came of
loans and of mentoring goes with their tables; what came of shares stays.
"""

import sqlalchemy as sa
from alembic import op

from matchhub.core.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OPEN = sa.text("state IN ('entered', 'confirmed')")
OUTCOME_CHECKS = (
    ("amount_of_money", "(kind = 'mentoring') = (amount_yuan IS NULL)"),
    ("sessions_of_mentoring", "(kind = 'mentoring') = (sessions IS NOT NULL)"),
    ("sessions_with_minutes", "(sessions IS NULL) = (minutes IS NULL)"),
    ("deal_of_equity", "(kind = 'equity') = (deal_id IS NOT NULL)"),
    ("case_of_credit", "(kind = 'credit') = (case_id IS NOT NULL)"),
)
KIND = sa.String(length=32)


def upgrade() -> None:
    _create_cases()
    _create_engagements()
    op.drop_index("uq_outcome_open", table_name="outcome")
    op.add_column("outcome", sa.Column("introduction_id", sa.Integer(), nullable=True))
    op.add_column("outcome", sa.Column("kind", KIND, nullable=True))
    op.execute(
        "UPDATE outcome SET kind = 'equity', introduction_id = "
        "(SELECT deal.introduction_id FROM deal WHERE deal.id = outcome.deal_id)"
    )
    with op.batch_alter_table("outcome") as table:
        table.add_column(sa.Column("case_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("sessions", sa.Integer(), nullable=True))
        table.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        table.alter_column("introduction_id", existing_type=sa.Integer(), nullable=False)
        table.alter_column("kind", existing_type=KIND, nullable=False)
        table.alter_column("deal_id", existing_type=sa.Integer(), nullable=True)
        table.alter_column("amount_yuan", existing_type=sa.BigInteger(), nullable=True)
        table.create_foreign_key(
            op.f("fk_outcome_introduction_id_introduction"), "introduction", ["introduction_id"], ["id"]
        )
        table.create_foreign_key(op.f("fk_outcome_case_id_credit_case"), "credit_case", ["case_id"], ["id"])
        for name, condition in OUTCOME_CHECKS:
            table.create_check_constraint(op.f(f"ck_outcome_{name}"), condition)
    op.create_index(op.f("ix_outcome_introduction_id"), "outcome", ["introduction_id"])
    op.create_index(op.f("ix_outcome_kind"), "outcome", ["kind"])
    op.create_index(op.f("ix_outcome_case_id"), "outcome", ["case_id"])
    op.create_index(
        "uq_outcome_open", "outcome", ["introduction_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    op.execute("DELETE FROM outcome WHERE kind <> 'equity'")
    op.drop_index("uq_outcome_open", table_name="outcome")
    for column in ("introduction_id", "kind", "case_id"):
        op.drop_index(op.f(f"ix_outcome_{column}"), table_name="outcome")
    with op.batch_alter_table("outcome") as table:
        for name, _condition in OUTCOME_CHECKS:
            table.drop_constraint(op.f(f"ck_outcome_{name}"), type_="check")
        table.drop_constraint(op.f("fk_outcome_case_id_credit_case"), type_="foreignkey")
        table.drop_constraint(op.f("fk_outcome_introduction_id_introduction"), type_="foreignkey")
        table.alter_column("amount_yuan", existing_type=sa.BigInteger(), nullable=False)
        table.alter_column("deal_id", existing_type=sa.Integer(), nullable=False)
        for column in ("minutes", "sessions", "case_id", "kind", "introduction_id"):
            table.drop_column(column)
    op.create_index("uq_outcome_open", "outcome", ["deal_id"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
    for name in ("mentoring_session", "engagement_goal", "engagement"):
        op.drop_table(name)
    for name in ("credit_case_entry", "credit_case_document", "credit_case"):
        op.drop_table(name)


def _stamps() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
    ]


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _create_cases() -> None:
    op.create_table(
        "credit_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("introduction_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("bank_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("stage_changed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("granted_yuan", sa.BigInteger(), nullable=True),
        sa.Column("rate_bp", sa.Integer(), nullable=True),
        sa.Column("exit_reason", sa.String(length=40), nullable=False),
        sa.Column("to_firm", sa.String(length=300), nullable=False),
        *_stamps(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("granted_yuan IS NULL OR granted_yuan > 0", name=op.f("ck_credit_case_granted_positive")),
        sa.CheckConstraint("rate_bp IS NULL OR rate_bp BETWEEN 1 AND 3600", name=op.f("ck_credit_case_rate")),
        _link("credit_case", "introduction_id", "introduction"),
        _link("credit_case", "need_id", "need"),
        _link("credit_case", "product_id", "offer"),
        _link("credit_case", "enterprise_id", "organization"),
        _link("credit_case", "bank_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_case")),
        sa.UniqueConstraint("introduction_id", name=op.f("uq_credit_case_introduction_id")),
    )
    for column in ("need_id", "product_id", "enterprise_id", "stage"):
        op.create_index(op.f(f"ix_credit_case_{column}"), "credit_case", [column])
    op.create_index("ix_credit_case_bank", "credit_case", ["bank_id", "stage"])
    op.create_table(
        "credit_case_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("received_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        _link("credit_case_document", "case_id", "credit_case"),
        _link("credit_case_document", "received_by_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_case_document")),
        sa.UniqueConstraint("case_id", "code", name=op.f("uq_credit_case_document_case_id_code")),
    )
    op.create_index(op.f("ix_credit_case_document_case_id"), "credit_case_document", ["case_id"])
    op.create_table(
        "credit_case_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("by_user_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stage IS NOT NULL OR note <> ''", name=op.f("ck_credit_case_entry_says_something")),
        _link("credit_case_entry", "case_id", "credit_case"),
        _link("credit_case_entry", "by_user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_case_entry")),
    )
    op.create_index(op.f("ix_credit_case_entry_case_id"), "credit_case_entry", ["case_id"])


def _create_engagements() -> None:
    op.create_table(
        "engagement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("introduction_id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.Integer(), nullable=False),
        sa.Column("mentorship_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("mentor_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("exit_reason", sa.String(length=40), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        *_stamps(),
        sa.Column("version", sa.Integer(), nullable=False),
        _link("engagement", "introduction_id", "introduction"),
        _link("engagement", "need_id", "need"),
        _link("engagement", "mentorship_id", "offer"),
        _link("engagement", "enterprise_id", "organization"),
        _link("engagement", "mentor_id", "organization"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("introduction_id", name=op.f("uq_engagement_introduction_id")),
    )
    for column in ("need_id", "mentorship_id", "enterprise_id", "state"):
        op.create_index(op.f(f"ix_engagement_{column}"), "engagement", [column])
    op.create_index("ix_engagement_mentor", "engagement", ["mentor_id", "state"])
    op.create_table(
        "engagement_goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=120), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        *_stamps(),
        _link("engagement_goal", "engagement_id", "engagement"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement_goal")),
    )
    op.create_index(op.f("ix_engagement_goal_engagement_id"), "engagement_goal", ["engagement_id"])
    op.create_table(
        "mentoring_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("next_step", sa.String(length=200), nullable=False),
        sa.Column("logged_by_user_id", sa.Integer(), nullable=False),
        sa.Column("decided_by_user_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("dispute_reason", sa.String(length=300), nullable=False),
        *_stamps(),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 10 AND 480", name=op.f("ck_mentoring_session_length")),
        _link("mentoring_session", "engagement_id", "engagement"),
        _link("mentoring_session", "logged_by_user_id", "user"),
        _link("mentoring_session", "decided_by_user_id", "user"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentoring_session")),
    )
    for column in ("engagement_id", "state"):
        op.create_index(op.f(f"ix_mentoring_session_{column}"), "mentoring_session", [column])
