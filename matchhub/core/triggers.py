"""Triggers that keep the trail append-only, on both databases. Migrations and tests take them from here."""

APPEND_ONLY = ("audit_event", "security_event")


def create(dialect: str) -> list[str]:
    """Statements that create all triggers."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for table in APPEND_ONLY
            for verb in ("UPDATE", "DELETE")
        ]
    refuse = (
        "CREATE OR REPLACE FUNCTION matchhub_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    return [refuse] + [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION matchhub_append_only()"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]


def drop(dialect: str) -> list[str]:
    """Statements that drop all triggers."""
    on = "" if dialect == "sqlite" else " ON {table}"
    statements = [
        f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on.format(table=table)}"
        for table in APPEND_ONLY
        for verb in ("update", "delete")
    ]
    return statements if dialect == "sqlite" else [*statements, "DROP FUNCTION IF EXISTS matchhub_append_only()"]
