"""A backup can be restored, byte for byte; a damaged one is refused; both from the command line too."""

import io
import json
import os
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from matchhub.cli import main
from matchhub.cli.backup import CorruptBackup, DATABASE, restore_backup, write_backup
from matchhub.core.clock import utcnow
from matchhub.settings import Settings

ENVIRONMENT = {
    "MATCHHUB_SECRET_KEY": "only-for-tests-" * 4,
    "MATCHHUB_ENVIRONMENT": "development",
}
FIRST = [
    "init", "--city-name", "鄂州市", "--city-name-en", "Ezhou", "--region", "420700", "--admin-name", "张敏",
    "--admin-email", "zhang@city.example",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("MATCHHUB_") and "_TEST_" not in name]:
        monkeypatch.delenv(name)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("MATCHHUB_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def installed(folder: Path) -> Settings:
    ran = CliRunner().invoke(main, [*FIRST, "--password-stdin"], input="Stern-Regen-2026\n")
    assert ran.exit_code == 0, ran.output
    given = Settings.from_env()
    stored = given.files_dir / "ab" / "abcdef"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(os.urandom(4000))
    return given


@pytest.fixture
def archive(installed: Settings) -> Path:
    path = installed.data_dir / "one.tar.gz"
    write_backup(installed, path, now=utcnow())
    return path


def test_a_restored_backup_is_the_same(installed: Settings, archive: Path, folder: Path) -> None:
    restore_backup(archive, folder / "restored")

    assert (folder / "restored" / "files" / "ab" / "abcdef").read_bytes() == (
        installed.files_dir / "ab" / "abcdef"
    ).read_bytes()
    assert tables(folder / "restored" / DATABASE) == tables(installed.data_dir / DATABASE)


def test_a_backup_is_readable_by_its_owner_only(archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0


def test_a_backup_holds_no_secret_key(archive: Path) -> None:
    with tarfile.open(archive) as tar:
        assert {member.name for member in tar} == {DATABASE, "files/ab/abcdef", "manifest.json"}


def test_a_damaged_archive_is_refused_wherever_the_damage_is(archive: Path, folder: Path) -> None:
    whole = archive.read_bytes()
    places = [len(whole) * step // 40 for step in range(40)]
    accepted = []
    for place in places:
        archive.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            restore_backup(archive, folder / "restored")
            accepted.append(place)
            (folder / "restored").rename(folder / f"accepted-{place}")
        except CorruptBackup:
            assert not (folder / "restored").exists()
    # the gzip header's time stamp and flags carry nothing of ours
    assert [place for place in accepted if place > 16] == []


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(archive: Path, folder: Path, share: float) -> None:
    whole = archive.read_bytes()
    archive.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(CorruptBackup):
        restore_backup(archive, folder / "restored")
    assert not (folder / "restored").exists()


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "files/../../evil"])
def test_an_archive_cannot_write_outside_its_folder(folder: Path, name: str) -> None:
    path = folder / "evil.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for member, content in ((name, b"x"), ("manifest.json", json.dumps({"files": {}}).encode())):
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))

    with pytest.raises(CorruptBackup):
        restore_backup(path, folder / "restored")


def test_a_file_that_the_manifest_does_not_know_is_refused(archive: Path, folder: Path) -> None:
    more = folder / "more.tar.gz"
    with tarfile.open(archive) as old, tarfile.open(more, "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        info = tarfile.TarInfo("files/zz")
        new.addfile(info, io.BytesIO(b""))

    with pytest.raises(CorruptBackup):
        restore_backup(more, folder / "restored")


def test_a_full_folder_is_left_alone(archive: Path, folder: Path) -> None:
    (folder / "restored").mkdir()
    (folder / "restored" / "mine").write_text("x")

    with pytest.raises(click.ClickException):
        restore_backup(archive, folder / "restored")
    assert (folder / "restored" / "mine").read_text() == "x"


def test_the_first_run_happens_once(installed: Settings) -> None:
    again = CliRunner().invoke(main, [*FIRST, "--link"])

    assert again.exit_code == 1
    assert "exists already" in again.output


def test_the_first_administrator_may_get_a_link_instead_of_a_password(folder: Path) -> None:
    ran = CliRunner().invoke(main, [*FIRST, "--link"])

    assert ran.exit_code == 0, ran.output
    assert "http://127.0.0.1:8000/password-resets/" in ran.output


@pytest.mark.parametrize(
    ("change", "words"),
    [({"--admin-email": "nobody"}, "not an e-mail"), ({"--region": "Ezhou"}, "not a region code")],
)
def test_the_first_run_refuses_what_cannot_be(folder: Path, change: dict[str, str], words: str) -> None:
    arguments = list(FIRST)
    for option, value in change.items():
        arguments[arguments.index(option) + 1] = value

    ran = CliRunner().invoke(main, [*arguments, "--link"])

    assert ran.exit_code == 1
    assert words in ran.output


def test_the_first_run_refuses_a_weak_password(folder: Path) -> None:
    ran = CliRunner().invoke(main, [*FIRST, "--password-stdin"], input="short\n")

    assert ran.exit_code == 1


def test_check_names_what_needs_care(installed: Settings) -> None:
    ran = CliRunner().invoke(main, ["check"])

    assert ran.exit_code == 1
    assert "CARE worker" in ran.output
    assert "ok   head" in ran.output
    assert ENVIRONMENT["MATCHHUB_SECRET_KEY"] not in ran.output


def test_upgrade_does_nothing_to_the_newest_schema(installed: Settings) -> None:
    ran = CliRunner().invoke(main, ["upgrade"])

    assert ran.exit_code == 0
    assert "up to date" in ran.output
    assert not installed.backups_dir.exists()


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in sorted(names)}
