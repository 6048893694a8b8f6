"""Settings from the environment: typed, validated at start, refused when dangerous."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "MATCHHUB_"
ENVIRONMENTS = ("production", "development", "test")
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs"}
MAIL_SCHEMES = ("smtps", "smtp+starttls", "smtp")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
ROOT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting is missing, unknown or dangerous; the text says which and how to mend it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ between two installations. Times are seconds unless the name says otherwise."""

    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    environment: str = "production"
    data_dir: Path = Path("var")
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    proxy_count: int = 0
    mail_url: str = ""  # smtps://user:password@host:port or smtp+starttls://…; empty: no mail, the bell only
    mail_from: str = "matchhub@localhost"
    session_hours: int = 12
    idle_minutes: int = 120
    write_wait_seconds: float = 8.0
    upload_megabytes: int = 30
    password_profile: str = "dengbao"  # dengbao: length and kinds of characters; asvs: length only
    rate_limits: bool = True
    compute: str = ""  # where suggestions are computed: empty, a number of processes, or dask://host:port
    undo_seconds: int = 10  # how long what tells somebody can be taken back; 0: not at all
    robot_url: str = ""  # a receiver on this machine in place of the group robots' services, to try them
    oidc_issuer: str = ""  # the identity provider, as its own metadata spell it; empty: passwords only
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_label: str = "单位账号"  # what the button calls it
    oidc_label_en: str = "work account"
    oidc_scopes: tuple[str, ...] = ("openid", "profile", "email")
    oidc_second_factor: tuple[
        str, ...
    ] = ()  # values of amr or acr that stand for a second factor; empty: ours is asked

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read MATCHHUB_* variables; unknown ones and malformed values raise SettingsError."""
        given = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in (os.environ if environ is None else environ).items()
            if key.startswith(PREFIX) and not key.startswith(PREFIX + "TEST_") and key != PREFIX + "BENCH"
        }
        for name in ("secret_key", "oidc_client_secret"):
            if path := given.pop(f"{name}_file", ""):
                given[name] = _read_secret(Path(path))
        known = {item.name: item for item in fields(cls)}
        if unknown := sorted(set(given) - set(known)):
            raise SettingsError(f"unknown setting: {', '.join(PREFIX + name.upper() for name in unknown)}")
        values: dict[str, Any] = {name: _parse(name, str(known[name].type), text) for name, text in given.items()}
        if "secret_key" not in values:
            raise SettingsError(f"set {PREFIX}SECRET_KEY or {PREFIX}SECRET_KEY_FILE (32 characters or more)")
        settings = cls(**values)
        settings.validate()
        return settings

    @property
    def database(self) -> str:
        """The SQLAlchemy URL; a SQLite file under `data_dir` unless one is set."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'matchhub.db'}"

    @property
    def files_dir(self) -> Path:
        """Where accepted uploads lie."""
        return self.data_dir / "files"

    @property
    def pages_dir(self) -> Path:
        """Where pictures of documents are kept; it may be emptied at any time."""
        return self.data_dir / "pages"

    @property
    def backups_dir(self) -> Path:
        """Where `matchhub backup` puts its archives unless told otherwise."""
        return self.data_dir / "backups"

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_development(self) -> bool:
        return self.environment == "development"

    def validate(self) -> None:
        """Refuse what is dangerous. Raises SettingsError."""
        if len(self.secret_key) < 32:
            raise SettingsError(f"{PREFIX}SECRET_KEY must have 32 characters or more")
        if self.environment not in ENVIRONMENTS:
            raise SettingsError(f"{PREFIX}ENVIRONMENT must be one of {', '.join(ENVIRONMENTS)}")
        if self.password_profile not in ("dengbao", "asvs"):
            raise SettingsError(f"{PREFIX}PASSWORD_PROFILE must be dengbao or asvs")
        if self.mail_url and urlsplit(self.mail_url).scheme not in MAIL_SCHEMES:
            raise SettingsError(f"{PREFIX}MAIL_URL must begin with one of {', '.join(MAIL_SCHEMES)}")
        self._validate_oidc()
        self._validate_compute()
        if not 0 <= self.undo_seconds <= 60:
            raise SettingsError(f"{PREFIX}UNDO_SECONDS must be between 0 and 60")
        if self.robot_url and (self.is_production or urlsplit(self.robot_url).hostname not in LOOPBACK):
            raise SettingsError(f"{PREFIX}ROBOT_URL is for trying, on this machine only, and never in production")
        if self.is_production:
            self._validate_production()

    def _validate_compute(self) -> None:
        if self.compute and not re.fullmatch(r"[1-9]\d*|dask://[^/\s]+:\d+", self.compute):
            raise SettingsError(f"{PREFIX}COMPUTE must be a number of processes or dask://host:port")

    def _validate_oidc(self) -> None:
        if not self.oidc_issuer:
            if self.oidc_client_id or self.oidc_client_secret:
                raise SettingsError(f"set {PREFIX}OIDC_ISSUER too, or leave all of {PREFIX}OIDC_* out")
            return
        issuer = urlsplit(self.oidc_issuer)
        if issuer.scheme != "https" and (issuer.hostname not in LOOPBACK or self.is_production):
            raise SettingsError(f"{PREFIX}OIDC_ISSUER must begin with https://")
        if issuer.query or issuer.fragment:
            raise SettingsError(f"{PREFIX}OIDC_ISSUER has neither a query nor a fragment")
        if not self.oidc_client_id or not self.oidc_client_secret:
            raise SettingsError(f"{PREFIX}OIDC_ISSUER needs {PREFIX}OIDC_CLIENT_ID and {PREFIX}OIDC_CLIENT_SECRET")
        if "openid" not in self.oidc_scopes:
            raise SettingsError(f"{PREFIX}OIDC_SCOPES must hold openid")

    def _validate_production(self) -> None:
        if not self.trusted_hosts:
            raise SettingsError(f"production needs {PREFIX}TRUSTED_HOSTS, for instance match.example.gov.cn")
        if urlsplit(self.base_url).scheme != "https":
            raise SettingsError(f"production needs {PREFIX}BASE_URL to begin with https://")
        if self.database.startswith("sqlite") and file_system_of(self.data_dir) in NETWORK_FILE_SYSTEMS:
            raise SettingsError("SQLite cannot live on a network file system; use PostgreSQL or a local disk")
        mail = urlsplit(self.mail_url)
        if mail.scheme == "smtp" and mail.hostname not in LOOPBACK:
            raise SettingsError(f"production sends mail encrypted: begin {PREFIX}MAIL_URL with smtps or smtp+starttls")


def _read_secret(path: Path) -> str:
    try:
        mode = path.stat().st_mode & 0o077
        secret = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from error
    if mode:
        raise SettingsError(f"{path} can be read by others; run: chmod 600 {path}")
    return secret


def _parse(name: str, kind: str, text: str) -> object:
    try:
        if "tuple" in kind:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        if "bool" in kind:
            return {"1": True, "true": True, "0": False, "false": False}[text.lower()]
        for label, convert in (("int", int), ("float", float), ("Path", Path)):
            if label in kind:
                return convert(text)
    except (KeyError, ValueError) as error:
        raise SettingsError(f"{PREFIX}{name.upper()} cannot be {text!r}") from error
    return text


def file_system_of(path: Path) -> str:
    """The type of the file system that holds `path`, or '' where the system does not say."""
    target, best, kind = str(path.resolve()), "", ""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    for line in mounts:
        _, point, fs, *_ = line.split()
        if target.startswith(point) and len(point) > len(best):
            best, kind = point, fs
    return kind
