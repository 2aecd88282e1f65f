"""Starts, watches and ends the programs of `make run`: each a process group with a log of its own."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hiu.servers.common import read_state, size, tail, write_private

STOP_SECONDS = 10
RESTARTS_A_MINUTE = 3


@dataclass
class Program:
    """One program: its name, what starts it, and the log its output goes to."""

    name: str
    command: list[str]
    log: Path
    child: subprocess.Popen[bytes] | None = None
    log_before: int = 0
    restarts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it, after ending what an earlier start of it left behind."""
        if self.child:
            _kill_group(self.child.pid)
        self.log_before = size(self.log)
        with self.log.open("ab") as log:
            self.child = subprocess.Popen(  # noqa: S603
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,  # Ctrl-C is for the supervisor, which then stops them in order
            )

    def ended(self) -> int | None:
        """Its exit code once it ended by itself; None while it runs."""
        return self.child.poll() if self.child else None

    def may_restart(self) -> bool:
        """Whether one more start is sensible: not after three in a minute."""
        now = time.monotonic()
        self.restarts = [at for at in self.restarts if now - at < 60] + [now]
        return len(self.restarts) <= RESTARTS_A_MINUTE

    def last_words(self) -> str:
        """The end of what it wrote since its last start."""
        return tail(self.log, self.log_before)


def end(programs: list[Program]) -> None:
    """Ask every program to end, and end it for certain after ten seconds."""
    running = [program.child for program in programs if program.child and program.child.poll() is None]
    for child in running:
        child.terminate()  # the first process only: it ends its own children in order
    until = time.monotonic() + STOP_SECONDS
    for child in running:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0, until - time.monotonic()))
        _kill_group(child.pid)  # also what a program that ended left behind
        child.wait()


def remember(path: Path, programs: list[Program]) -> None:
    """Note what runs, so that the start after a killed run can end what that one left."""
    noted = {str(p.child.pid): psutil.Process(p.child.pid).create_time() for p in programs if p.child}
    write_private(path, json.dumps(noted))


def end_leftovers(path: Path) -> int:
    """End the programs of a run that was killed; returns how many there were."""
    ended = 0
    for pid, created in read_state(path).items():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid))
            if abs(process.create_time() - created) < 0.05:
                _kill_group(process.pid)
                process.wait(STOP_SECONDS)
                ended += 1
    path.unlink(missing_ok=True)
    return ended


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
