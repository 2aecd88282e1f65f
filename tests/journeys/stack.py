"""The whole product on a database of its own: gunicorn, a Celery worker, demo data."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.prepared import copied_from, dropped

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60


def renamed(url: str, name: str) -> str:
    """The same server and role, another database."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@dataclass
class Stack:
    """Started programs and where they answer."""

    folder: Path
    database: str
    broker: int
    environment: dict[str, str] = field(default_factory=dict)
    web: subprocess.Popen | None = None
    worker: subprocess.Popen | None = None
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, template: str) -> None:
        """Make the database as a copy of another, load the demo, start web and worker."""
        self.environment = {
            **os.environ,
            "DATABASE_URL": renamed(os.environ["DATABASE_URL"], self.database),
            "DATABASE_OWNER_URL": renamed(os.environ["DATABASE_OWNER_URL"], self.database),
            "REDIS_URL": f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{self.broker}",
            "MEDIA_ROOT": str(self.folder / "media"),
            "HIU_DEMO": "1",
            "HIU_SWEEP_SECONDS": "2",
        }
        dropped(self.database)
        copied_from(template, self.database)
        self.manage("prepare_database")
        self.manage("load_demo")
        self.start_web()
        self.start_worker()

    def stop(self) -> None:
        """End everything and drop the database."""
        for process in (self.web, self.worker):
            if process and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        dropped(self.database)

    def manage(self, *command: str) -> str:
        """Run a management command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def start_web(self) -> None:
        self.port = self.port or free_port()
        command = ["gunicorn", "hiu.wsgi", "--bind", f"127.0.0.1:{self.port}", "--workers", "2"]
        self.web = self._program("web", "-m", *command)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.address}/health/", timeout=2)
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise AssertionError((self.folder / "web.log").read_text()[-3000:])

    def kill_web(self) -> None:
        """Nobody answers any more; `start_web` answers at the same address again."""
        assert self.web is not None
        os.killpg(self.web.pid, signal.SIGKILL)
        self.web.wait()

    def start_worker(self) -> None:
        options = ["worker", "--concurrency", "1", "--loglevel", "info", "--beat"]
        schedule = ["--schedule", str(self.folder / "beat")]
        self.worker = self._program("worker", "-m", "celery", "-A", "hiu", *options, *schedule)

    def kill_worker(self) -> None:
        """As a power cut would: the whole group at once, no goodbye."""
        assert self.worker is not None
        os.killpg(self.worker.pid, signal.SIGKILL)
        self.worker.wait()

    def one(self, query: str) -> tuple:
        """One row of the database, read by the owner."""
        with psycopg.connect(self.environment["DATABASE_OWNER_URL"]) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        return row

    def _program(self, name: str, *arguments: str) -> subprocess.Popen:
        with (self.folder / f"{name}.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
