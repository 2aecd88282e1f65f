"""Which system account the servers run as: PostgreSQL refuses to run as root, so root lends them one."""

import getpass
import os
import pwd
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hiu.servers.common import ServerError

ACCOUNT = "hiu-servers"
CHECKOUT = Path(__file__).resolve().parents[2]
PASS_THROUGH = stat.S_IXOTH
READ_AND_PASS = stat.S_IROTH | stat.S_IXOTH


@dataclass(frozen=True)
class Account:
    """A user and group id, and whether that is another account than the one running this command."""

    user: int
    group: int
    switched: bool

    def as_popen(self) -> dict[str, Any]:
        """The arguments of subprocess.Popen that start a program as this account."""
        if not self.switched:
            return {}
        return {"user": self.user, "group": self.group, "extra_groups": []}

    def let_in(self, programs: list[Path], data: Path) -> None:
        """Let this account reach its data folder, and reach and read the folders of the programs."""
        if self.switched:
            for folder in programs:
                let_through(folder, inside=True)
            let_through(data)

    def own(self, path: Path) -> None:
        """Give a file, or a folder with all it holds, to this account."""
        for each in [path, *path.rglob("*")] if self.switched else []:
            os.chown(each, self.user, self.group, follow_symlinks=False)

    def private_file(self, text: str) -> Path:
        """A temporary file that only this account reads; the caller removes it."""
        descriptor, name = tempfile.mkstemp(prefix="hiu-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        self.own(Path(name))
        return Path(name)


def account_for(data: Path) -> Account:
    """The account for a data folder: its owner where it exists. ServerError when that is somebody else."""
    me = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if me != 0:
        if owner not in (None, me):
            raise ServerError(
                f"{data} was made by another user of this machine, so {getpass.getuser()} cannot use it. "
                "Run the command as that user (or as root), or set HIU_VAR to a folder of your own."
            )
        return Account(me, os.getegid(), switched=False)
    if owner:
        return Account(owner, data.stat().st_gid, switched=True)
    entry = _system_account()
    return Account(entry.pw_uid, entry.pw_gid, switched=True)


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run(  # noqa: S603
            [*command, "--shell", "/usr/sbin/nologin", ACCOUNT], check=True, capture_output=True
        )
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as problem:
        raise ServerError(
            f"PostgreSQL does not run as root, and the account {ACCOUNT} could not be made for it "
            f"({problem}). Run the command as an ordinary user, or set DATABASE_URL to a PostgreSQL of "
            "your own."
        ) from problem


def let_through(path: Path, *, inside: bool = False) -> None:
    """Let other accounts pass through the folders above a path, without listing them.

    With `inside` they may also read what the path holds (the programs of a virtual environment made under a
    strict umask). Folders that already allow it are left alone; a change outside the checkout is said.
    """
    for folder in reversed(path.parents):
        if _widen(folder, PASS_THROUGH) and not folder.is_relative_to(CHECKOUT):
            print(f"{folder} now lets other accounts pass through, for the servers.", file=sys.stderr)  # noqa: T201
    for below in [path, *path.rglob("*")] if inside else []:
        if not below.is_symlink():
            executable = below.is_dir() or below.stat().st_mode & stat.S_IXUSR
            _widen(below, READ_AND_PASS if executable else stat.S_IROTH)


def _widen(path: Path, bits: int) -> bool:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits == bits:
        return False
    try:
        path.chmod(mode | bits)
    except OSError as problem:
        raise ServerError(
            f"The servers run under an account of their own, which may not enter {path}, and this could not be "
            f"changed ({problem.strerror}). Move the checkout to another folder, or run as an ordinary user."
        ) from problem
    return True
