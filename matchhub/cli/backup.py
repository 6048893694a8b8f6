"""`backup` and `restore`: one archive with the database, the uploads and a manifest of checksums."""

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

import click
from sqlalchemy.engine import make_url

from matchhub.cli.group import main, settings
from matchhub.core.clock import utcnow
from matchhub.core.health import code_head
from matchhub.settings import Settings

MANIFEST = "manifest.json"
DATABASE = "matchhub.db"
DUMP = "database.dump"
CHUNK = 2**20


class CorruptBackup(click.ClickException):
    """The archive is not what was written."""


@main.command()
@click.option("--to", "target", type=click.Path(path_type=Path), help="The archive to write.")
def backup(target: Path | None) -> None:
    """Write the database and the uploads to one archive, while everything runs."""
    given, now = settings(), utcnow()
    path = target or given.backups_dir / f"matchhub-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    count = write_backup(given, path, now=now)
    click.echo(f"{path}: {count} files, {path.stat().st_size // 1024} KiB")


@main.command()
@click.argument("archive", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True, help="A new or empty folder.")
def restore(archive: Path, folder: Path) -> None:
    """Verify an archive and lay it out in a new folder; nothing that runs is touched."""
    manifest = restore_backup(archive, folder)
    click.echo(f"verified {len(manifest['files'])} files of {manifest['created_at']} into {folder}")
    if (folder / DUMP).exists():
        click.echo(f"load it with: pg_restore --clean --if-exists --dbname YOUR_DATABASE {folder / DUMP}")
    else:
        click.echo(f"run it with: MATCHHUB_DATA_DIR={folder} matchhub check")


def write_backup(given: Settings, target: Path, *, now: datetime) -> int:
    """Write the archive to `target`, readable by this user only; the number of files in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch:
        work = Path(scratch)
        members = {_copy_database(given, work): work}
        sums = {name: checksum(root / name) for name, root in members.items()}
        uploads = sorted(path for path in given.files_dir.rglob("*") if path.is_file())
        part = work / "archive.tar.gz"
        with _open_archive(part) as archive:
            for name, root in members.items():
                archive.add(root / name, name)
            for path in uploads:
                name = f"files/{path.relative_to(given.files_dir).as_posix()}"
                archive.add(path, name)
                sums[name] = checksum(path)
            manifest = {"created_at": now.isoformat(), "head": code_head(), "files": sums}
            (work / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            archive.add(work / MANIFEST, MANIFEST)
        part.chmod(0o600)
        part.replace(target)
    return len(sums)


def _open_archive(path: Path) -> tarfile.TarFile:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    return tarfile.open(path, "w:gz", compresslevel=6)


def _copy_database(given: Settings, work: Path) -> str:
    """A consistent copy of the database under `work`; its name."""
    if given.database.startswith("sqlite"):
        source = Path(make_url(given.database).database or "")
        if not source.exists():
            raise click.ClickException(f"there is no database at {source}")
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(work / DATABASE)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        return DATABASE
    dump = shutil.which("pg_dump")
    if dump is None:
        raise click.ClickException("pg_dump is missing; install the PostgreSQL client programs")
    url = make_url(given.database).set(drivername="postgresql")
    environment = {**os.environ, "PGPASSWORD": str(url.password or "")}
    dsn = url.set(password=None).render_as_string(hide_password=False)
    done = subprocess.run([dump, "-Fc", "-f", str(work / DUMP), dsn], env=environment, check=False)
    if done.returncode:
        raise click.ClickException(
            "pg_dump failed; nothing was written (it must be at least as new as the server: put that one first on PATH)"
        )
    return DUMP


def checksum(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def restore_backup(archive: Path, folder: Path) -> dict[str, Any]:
    """Lay `archive` out in `folder` and verify every byte; the manifest. Raises CorruptBackup and leaves nothing."""
    if folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} is not empty; choose a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".restore-") as scratch:
        work = Path(scratch) / "restored"
        work.mkdir(mode=0o700)
        try:
            _extract(archive, work)
            manifest = _verified(work)
        except (OSError, EOFError, ValueError, KeyError, tarfile.TarError, zlib.error, sqlite3.Error) as error:
            raise CorruptBackup(f"{archive} is damaged: {error}") from error
        if folder.exists():
            folder.rmdir()
        work.replace(folder)
    return manifest


def _extract(archive: Path, work: Path) -> None:
    """Regular files under plain relative names only."""
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            name = PurePosixPath(member.name)
            if not member.isreg() or name.is_absolute() or ".." in name.parts:
                raise ValueError(f"unexpected member {member.name!r}")
            target = work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source = tar.extractfile(member)
            if source is None or target.exists():
                raise ValueError(f"unexpected member {member.name!r}")
            with source, target.open("xb") as file:
                shutil.copyfileobj(source, file, CHUNK)
            target.chmod(0o600)
    with gzip.open(archive) as stream:  # to the very end: tar stops before the last checksum
        while stream.read(CHUNK):
            pass


def _verified(work: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
    expected: dict[str, str] = manifest["files"]
    found = {path.relative_to(work).as_posix() for path in work.rglob("*") if path.is_file()} - {MANIFEST}
    if found != set(expected):
        raise ValueError("files are missing or too many")
    for name, known in expected.items():
        if checksum(work / name) != known:
            raise ValueError(f"{name} has changed")
    if (work / DATABASE).exists():
        _check_database(work / DATABASE)
    return manifest


def _check_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        verdict = database.execute("PRAGMA integrity_check").fetchone()[0]
        broken = database.execute("PRAGMA foreign_key_check").fetchone()
    if verdict != "ok" or broken:
        raise ValueError("the database inside is damaged")
