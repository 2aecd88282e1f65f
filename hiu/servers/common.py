"""What both embedded servers need: the error people read, free ports, private files, the end of a log."""

import json
import os
import socket
import subprocess
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
LOG_LINES = 12


class ServerError(Exception):
    """A server of the checkout cannot run; the message says why and what to do."""


def is_free(port: int) -> bool:
    """Whether nothing listens on this port of the local machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port where it is free, else one the system hands out."""
    if preferred and is_free(preferred):
        return preferred
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if os.geteuid() == 0:  # root at work in somebody's checkout must not lock them out
        folder = path.parent.stat()
        os.chown(draft, folder.st_uid, folder.st_gid)
    draft.replace(path)


def read_state(path: Path) -> dict[str, Any]:
    """What was remembered at the last start; empty when nothing (readable) was."""
    try:
        state = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return state if isinstance(state, dict) else {}


_children: dict[int, subprocess.Popen[bytes]] = {}


def launch(command: list[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:
    """Start a server that outlives this process, its output added to the log."""
    with log.open("ab") as output:
        child = subprocess.Popen(  # noqa: S603
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C in the terminal is for the command, not for the server
            **options,
        )
    _children[child.pid] = child
    return child


def reap(pid: int, seconds: float) -> None:
    """Wait for a server that was told to stop, where this process started it."""
    child = _children.pop(pid, None)
    if child:
        child.wait(seconds)


def size(log: Path) -> int:
    """Where a log ends now, to read later what came after."""
    return log.stat().st_size if log.exists() else 0


def tail(log: Path, since: int = 0) -> str:
    """The last lines a log gained since it had that size."""
    try:
        with log.open("rb") as file:
            file.seek(since)
            lines = file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-LOG_LINES:])
