"""A backup proves itself: restored beside the database, compared to the last grant, and found out when spoilt."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from governance.models import AuditEvent
from hiu.keeping import backup, catalogue, restore, seal
from hiu.keeping.catalogue import Description, first_difference, first_sequence_out_of_step
from hiu.keeping.place import KeepingError, Place, as_owner, create, drop, scratch

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(scope="module")
def made(committed: str, media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "monday"
    patch = pytest.MonkeyPatch()
    patch.setenv("BACKUP_PASSPHRASE", "correct horse battery staple")
    with override_settings(MEDIA_ROOT=str(media), FIELD_KEY="of a field"):
        backup.make(folder)
    patch.undo()
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """A backup that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


@pytest.fixture
def started(made: Path) -> Iterator[tuple[Place, restore.Opened]]:
    """The same for a test that starts the application on it, which then writes."""
    opened = restore.open_backup(made)
    with scratch(as_owner(), "started") as place:
        restore.fill(place, opened)
        yield place, opened


@pytest.fixture(scope="module")
def restored(made: Path) -> Iterator[tuple[Place, restore.Opened]]:
    """A database filled from the backup; each test that spoils it takes that back."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BACKUP_PASSPHRASE", "correct horse battery staple")
    opened = restore.open_backup(made)
    patch.undo()
    with scratch(as_owner(), "attacked") as place:
        restore.fill(place, opened)
        restore.prove(place, opened)
        yield place, opened


def databases() -> set[str]:
    with as_owner().connect() as session:
        return {name for (name,) in session.execute("SELECT datname FROM pg_database")}


def test_the_drill_proves_a_backup_and_leaves_nothing_behind(made: Path, capsys: Any) -> None:
    call_command("restore", str(made), drill=True, json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is True
    assert found["media_files"] == 2
    assert found["audit_events"] >= 3
    assert found["tables"] > 30
    assert [name for name in databases() if name.startswith(f"{as_owner().name}_drill")] == []


def test_the_command_says_what_it_kept(tmp_path: Path, media: Path, settings: Any, capsys: Any) -> None:
    settings.MEDIA_ROOT = str(media)
    call_command("backup", out=tmp_path / "kept", json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["media_files"] == 2
    assert {"SECRET_KEY", "AUDIT_KEY"} <= set(found["keys"])
    assert AuditEvent.objects.filter(chain_id=0, event="backup_made").exists()
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "kept").rglob("*")}
    assert modes == {0}


def test_a_folder_with_something_in_it_is_left_alone(made: Path) -> None:
    with pytest.raises(CommandError, match="not empty"):
        call_command("backup", out=made)


@pytest.mark.parametrize("phrase", ["", "too short"])
def test_no_backup_without_a_passphrase_worth_the_name(tmp_path: Path, monkeypatch: Any, phrase: str) -> None:
    monkeypatch.setenv("BACKUP_PASSPHRASE", phrase)
    with pytest.raises(CommandError, match="16 or more"):
        call_command("backup", out=tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_the_keys_are_sealed_and_come_back(made: Path) -> None:
    opened = restore.open_backup(made)
    assert opened.keys["FIELD_KEY"] == "of a field"
    kept = b"".join(path.read_bytes() for path in made.iterdir() if path.is_file())
    assert str(opened.keys["AUDIT_KEY"]).encode() not in kept


# What each attack does to the restored database, and what must then be named.
ATTACKS = {
    "a dropped trigger": (
        "DROP TRIGGER {trigger} ON {trigger_table}",
        r"The trigger .* is missing",
    ),
    "a trigger switched off": (
        "ALTER TABLE {trigger_table} DISABLE TRIGGER {trigger}",
        r"The trigger .* is not as it was",
    ),
    "a missing grant": (
        "REVOKE SELECT ON governance_person FROM PUBLIC, {role}",
        r"The grant table governance_person to",
    ),
    "a grant too many": (
        "GRANT DELETE ON governance_consent TO {role}",
        r"The grant table governance_consent to .* is not as it was",
    ),
    "one changed cell": (
        "UPDATE governance_person SET moved_on = '2026-01-01' WHERE id = (SELECT min(id) FROM governance_person)",
        r"The table governance_person has a row",
    ),
    "a lost row": (
        "DELETE FROM governance_consent",
        r"The table governance_consent has 0 rows instead of \d",
    ),
    "a row too many": (
        "INSERT INTO governance_organisation (id, name, kind) VALUES (999999, 'x', 'trust')",
        r"The table governance_organisation has",
    ),
    "a policy too many": (
        "CREATE POLICY planted ON governance_organisation",
        r"The policy governance_organisation.planted was not in the backup",
    ),
    "row security switched": (
        "ALTER TABLE governance_organisation ENABLE ROW LEVEL SECURITY",
        r"The table governance_organisation is not as it was",
    ),
    "a check that was dropped": (
        "ALTER TABLE casework_contact DROP CONSTRAINT contact_minutes_in_a_day",
        r"The constraint casework_contact.contact_minutes_in_a_day is missing",
    ),
    "an index gone": ("DROP INDEX audit_newest", r"The index audit_newest is missing"),
    "a changed default": (
        "ALTER TABLE governance_person ALTER COLUMN first_name SET DEFAULT 'x'",
        r"The column governance_person.first_name is not as it was",
    ),
    "a function rewritten": (
        "CREATE FUNCTION public.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        r"The function planted\(\) was not in the backup",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_did_not_come_back_as_it_was_is_named(
    restored: tuple[Place, restore.Opened], attack: str
) -> None:
    place, opened = restored
    statement, sentence = ATTACKS[attack]
    with place.connect() as session:
        trigger_table, trigger = session.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
        ).fetchone()
        role = as_application_role()
        with session.transaction(force_rollback=True):
            session.execute(statement.format(trigger=trigger, trigger_table=trigger_table, role=role))
            with pytest.raises(restore.Different, match=sentence):
                restore.compare(session, opened)


@pytest.mark.parametrize("last", [4, 9, None])
def test_a_sequence_that_would_hand_out_a_number_again_is_named(last: int | None) -> None:
    before, found = {"person_id_seq": [5, 8]}, {} if last is None else {"person_id_seq": last}
    assert first_sequence_out_of_step(before, found) == "The sequence person_id_seq is not where it was."
    assert first_sequence_out_of_step(before, {"person_id_seq": 6}) is None


def test_the_sequences_are_read_as_they_stand(restored: tuple[Place, restore.Opened]) -> None:
    place, opened = restored
    with place.connect() as session:
        session.execute("SELECT setval('governance_person_id_seq', 987654)")
        assert catalogue.sequences(session)["governance_person_id_seq"] == 987654
    assert opened.manifest["sequences"]["governance_person_id_seq"][0] >= 1


def test_a_missing_extension_is_named() -> None:
    with_it = Description({"extension": {"pg_trgm": "1.6"}}, {})
    assert (
        first_difference(with_it, Description({"extension": {}}, {})) == "The extension pg_trgm is missing."
    )
    older = Description({"extension": {"pg_trgm": "1.5"}}, {})
    assert "is not as it was" in (first_difference(with_it, older) or "")


def as_application_role() -> str:
    from django.conf import settings

    return str(settings.DATABASES["default"]["USER"])


def test_a_chain_broken_before_the_backup_is_found_by_the_drill(
    started: tuple[Place, restore.Opened],
) -> None:
    place, opened = started
    with place.connect() as session:
        session.execute("UPDATE governance_auditchain SET last_number = last_number + 1")
    with pytest.raises(restore.Different, match=r"audit .* is broken"):
        restore.verify_audit(place.name, opened.keys)


def test_the_audit_is_checked_with_the_keys_of_the_backup(started: tuple[Place, restore.Opened]) -> None:
    place, opened = started
    assert restore.verify_audit(place.name, opened.keys) >= 3
    with pytest.raises(restore.Different, match="was changed"):
        restore.verify_audit(place.name, {**opened.keys, "AUDIT_KEY": "another"})


def lose_a_file(folder: Path) -> None:
    (folder / "media/extracts/one").unlink()


def add_a_file(folder: Path) -> None:
    (folder / "media/extracts/three").write_text("new")


def change_a_byte(folder: Path) -> None:
    path = folder / "media/extracts/two"
    path.write_bytes(b"x" + path.read_bytes()[1:])


def cut_the_dump(folder: Path) -> None:
    path = folder / "database.dump"
    path.write_bytes(path.read_bytes()[:-1000])


def cut_the_dump_and_say_so_in_the_manifest(folder: Path) -> None:
    cut_the_dump(folder)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    dump = folder / "database.dump"
    manifest["files"]["database.dump"] = {"bytes": dump.stat().st_size, "sha256": backup.digest(dump)}
    path.write_text(json.dumps(manifest))


def lose_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (lose_a_file, "media/extracts/one is missing"),
        (add_a_file, "media/extracts/three was not in the backup"),
        (change_a_byte, "media/extracts/two is not as it was"),
        (cut_the_dump, "database.dump has .* bytes instead of"),
        (cut_the_dump_and_say_so_in_the_manifest, "keys do not open"),
        (lose_the_manifest, "manifest.json is missing"),
    ],
)
def test_a_spoilt_folder_is_found(copy: Path, spoil: Callable[[Path], None], sentence: str) -> None:
    spoil(copy)
    with pytest.raises(CommandError, match=sentence):
        call_command("restore", str(copy), drill=True)


def test_a_dump_cut_short_before_it_was_listed_fails_whole(copy: Path) -> None:
    """As after a full disk: the list agrees with the file, and the file is half a dump."""
    path, phrase = copy / "manifest.json", "correct horse battery staple"
    keys = restore.open_backup(copy).keys
    cut_the_dump_and_say_so_in_the_manifest(copy)
    (copy / "keys.sealed").write_bytes(seal.seal(keys, phrase, path.read_bytes()))
    with scratch(as_owner(), "cut") as place:
        with pytest.raises(KeepingError, match="The restore failed"):
            restore.fill(place, restore.open_backup(copy))
        with place.connect() as session:
            assert session.execute(
                "SELECT count(*) FROM pg_class WHERE relname LIKE 'governance%'"
            ).fetchone() == (0,)


def test_the_application_refuses_a_database_without_its_walls(
    started: tuple[Place, restore.Opened],
) -> None:
    place, opened = started
    with place.connect() as session:
        session.execute("ALTER TABLE governance_person DISABLE ROW LEVEL SECURITY")
    with pytest.raises(restore.Different, match="governance_person has no row-level security"):
        restore.verify_audit(place.name, opened.keys)


def test_a_scratch_database_in_use_is_not_forgotten() -> None:
    place = as_owner().called(f"{as_owner().name}_drill_in_use")
    with as_owner().connect() as session:
        create(session, place.name)
    with place.connect(), pytest.raises(KeepingError, match="Drop it: it is a whole copy"):
        drop(as_owner(), place.name)
    until = time.monotonic() + 10
    while place.name in databases() and time.monotonic() < until:  # the session is just ending
        with scratch(as_owner(), "drill"):
            pass  # sweeps what an earlier run left
    assert place.name not in databases()


def test_the_wrong_passphrase_opens_nothing(made: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("BACKUP_PASSPHRASE", "another passphrase of some length")
    with pytest.raises(CommandError, match="do not open"):
        call_command("restore", str(made), drill=True)


def test_a_real_restore_brings_back_rows_files_and_keys(made: Path, tmp_path: Path, capsys: Any) -> None:
    with scratch(as_owner(), "new") as place:
        call_command(
            "restore",
            str(made),
            into=place.url,
            media=tmp_path / "media",
            keys=tmp_path / "keys.json",
            json=True,
        )
        assert json.loads(capsys.readouterr().out)["database"] == place.name
        with place.connect() as session:
            assert session.execute("SELECT first_name FROM governance_person").fetchone() == ("Zephyrine",)
        with pytest.raises(CommandError, match="is not empty"):
            call_command("restore", str(made), into=place.url)
    assert (tmp_path / "media/extracts/two").read_bytes() == bytes(range(256)) * 40
    assert json.loads((tmp_path / "keys.json").read_text())["FIELD_KEY"] == "of a field"


def test_a_server_without_the_application_role_is_told_so(restored: tuple[Place, restore.Opened]) -> None:
    place, opened = restored
    opened.manifest["parts"]["grant"]["table x to nobody_here"] = "SELECT"
    try:
        with place.connect() as session, pytest.raises(KeepingError, match="no role nobody_here"):
            restore.refuse_without_roles(session, opened.described)
    finally:
        del opened.manifest["parts"]["grant"]["table x to nobody_here"]


def test_a_missing_program_is_said_in_a_sentence(monkeypatch: Any) -> None:
    from hiu.keeping import place

    with pytest.raises(KeepingError, match="postgresql-client-99"):
        place.program("pg_dump", 990000)
