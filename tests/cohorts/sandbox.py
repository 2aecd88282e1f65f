"""NHS England's MESH sandbox as a server of its own, in an environment of its own (`make sandbox`)."""

import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import requests
from mesh_client import MeshClient

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / ".venv-mesh/bin/python"
KEY, PASSWORD = "TestKey", "password"
OURS, TRUST, OTHER = "X26ABC1", "X26ABC2", "X26ABC3"
WORKFLOW = "HIU_ATTENDANCES"
PATIENCE = 60


@dataclass
class Sandbox:
    """A running sandbox that keeps its messages in a folder, so that they outlive it."""

    folder: Path
    port: int = 0
    process: subprocess.Popen | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        if not self.port:
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                self.port = listener.getsockname()[1]
        environment = {
            **os.environ,
            "STORE_MODE": "file",
            "MAILBOXES_DATA_DIR": str(self.folder),
            "SHARED_KEY": KEY,
            "AUTH_MODE": "full",
        }
        command = [
            "-m",
            "uvicorn",
            "mesh_sandbox.api:app",
            "--port",
            str(self.port),
            "--log-level",
            "warning",
        ]
        with (self.folder.parent / "sandbox.log").open("a") as log:
            self.process = subprocess.Popen([PYTHON, *command], env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{self.address}/health", timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        raise AssertionError((self.folder.parent / "sandbox.log").read_text()[-2000:])

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def mailbox(self, name: str, **options: object) -> MeshClient:
        return MeshClient(self.address, name, PASSWORD, shared_key=KEY.encode(), max_retries=0, **options)

    def send(
        self, content: bytes, *, workflow: str = WORKFLOW, sender: str = TRUST, name: str = "january.csv"
    ) -> str:
        with self.mailbox(sender, max_chunk_size=2000) as client:
            return str(client.send_message(OURS, content, workflow_id=workflow, filename=name))

    def waiting(self) -> list[str]:
        with self.mailbox(OURS) as client:
            return list(client.list_messages())
