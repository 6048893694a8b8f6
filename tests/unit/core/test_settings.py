"""Settings: typed, complete, and dangerous values stop the start with a sentence that says how to mend it."""

from pathlib import Path

import pytest

from matchhub.settings import Settings, SettingsError

KEY = "k" * 40
PRODUCTION = {
    "MATCHHUB_SECRET_KEY": KEY,
    "MATCHHUB_TRUSTED_HOSTS": "match.example",
    "MATCHHUB_BASE_URL": "https://match.example",
}


def test_a_safe_production_starts() -> None:
    given = Settings.from_env(PRODUCTION)

    assert given.is_production
    assert given.trusted_hosts == ("match.example",)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MATCHHUB_SECRET_KEY": "short"}, "32 characters"),
        ({"MATCHHUB_SECRET_KEY": ""}, "32 characters"),
        ({"MATCHHUB_TRUSTED_HOSTS": ""}, "TRUSTED_HOSTS"),
        ({"MATCHHUB_BASE_URL": "http://match.example"}, "https"),
        ({"MATCHHUB_ENVIRONMENT": "prod"}, "ENVIRONMENT"),
        ({"MATCHHUB_PASSWORD_PROFILE": "none"}, "PASSWORD_PROFILE"),
        ({"MATCHHUB_COMPUTE": "dask://cluster"}, "COMPUTE"),
        ({"MATCHHUB_MAIL_URL": "smtp://mail.example:25"}, "encrypted"),
        ({"MATCHHUB_MAIL_URL": "http://mail.example"}, "MAIL_URL"),
        ({"MATCHHUB_SESION_HOURS": "9"}, "unknown setting"),
        ({"MATCHHUB_SESSION_HOURS": "nine"}, "SESSION_HOURS"),
        ({"MATCHHUB_RATE_LIMITS": "maybe"}, "RATE_LIMITS"),
    ],
)
def test_a_dangerous_or_malformed_value_stops_the_start(change: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Settings.from_env(PRODUCTION | change)


def test_mail_to_the_own_machine_may_be_plain() -> None:
    assert Settings.from_env(PRODUCTION | {"MATCHHUB_MAIL_URL": "smtp://127.0.0.1:25"}).mail_url


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    environ = {"MATCHHUB_SECRET_KEY_FILE": str(path), "MATCHHUB_ENVIRONMENT": "development"}
    path.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        Settings.from_env(environ)

    path.chmod(0o600)
    assert Settings.from_env(environ).secret_key == KEY


def test_a_key_is_never_shown() -> None:
    assert KEY not in repr(Settings.from_env(PRODUCTION))


def test_sqlite_on_a_network_file_system_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchhub.settings.file_system_of", lambda _: "nfs4")

    with pytest.raises(SettingsError, match="network file system"):
        Settings.from_env(PRODUCTION)
    database = {"MATCHHUB_DATABASE_URL": "postgresql+psycopg://db/matchhub"}
    assert Settings.from_env(PRODUCTION | database).database_url


PROVIDER = {
    "MATCHHUB_OIDC_ISSUER": "https://login.example/realm",
    "MATCHHUB_OIDC_CLIENT_ID": "matchhub",
    "MATCHHUB_OIDC_CLIENT_SECRET": "of the client",
}


def test_an_identity_provider_is_named_by_its_settings(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n", encoding="utf-8")
    secret.chmod(0o600)
    named = {**PROVIDER, "MATCHHUB_OIDC_CLIENT_SECRET_FILE": str(secret), "MATCHHUB_OIDC_SECOND_FACTOR": "mfa, otp"}

    given = Settings.from_env(PRODUCTION | named)

    assert (given.oidc_client_secret, given.oidc_second_factor) == ("from a file", ("mfa", "otp"))
    assert "from a file" not in repr(given)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"MATCHHUB_OIDC_ISSUER": "http://login.example"}, "https"),
        ({"MATCHHUB_OIDC_ISSUER": "http://127.0.0.1:3000"}, "https"),
        ({"MATCHHUB_OIDC_ISSUER": "https://login.example?x=1"}, "query"),
        ({"MATCHHUB_OIDC_ISSUER": ""}, "OIDC_ISSUER"),
        ({"MATCHHUB_OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"MATCHHUB_OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET"),
        ({"MATCHHUB_OIDC_SCOPES": "profile"}, "openid"),
    ],
)
def test_half_an_identity_provider_stops_the_start(change: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Settings.from_env(PRODUCTION | PROVIDER | change)


def test_a_provider_on_this_machine_will_do_for_development() -> None:
    local = {"MATCHHUB_SECRET_KEY": KEY, "MATCHHUB_ENVIRONMENT": "development", **PROVIDER}

    assert Settings.from_env({**local, "MATCHHUB_OIDC_ISSUER": "http://127.0.0.1:3000"}).oidc_issuer.endswith("3000")
