"""A zip file with one list in it, locked or not: opened where it lies, never to more than a workbook may."""

import os
import zipfile
import zlib
from pathlib import Path

import pyzipper

from cohorts.pipeline.problems import Unreadable
from cohorts.pipeline.workbook import OPENS_TO_BYTES, OPENS_TO_RATIO, RATIO_COUNTS_FROM

# Parts that only office documents have.
_OFFICE = ("[content_types].xml", "content.xml", "mimetype")
_PIECE = 1024 * 1024
_ENCRYPTED = 0x1
# How programs on Windows and elsewhere turn a password into bytes; plain letters are the same in all.
_ENCODINGS = ("utf-8", "cp1252", "cp850")
WRONG = "The password does not open this file. Check it with the sender and type it again."
DAMAGED = "This zip file is damaged or locked in a way we cannot open. Ask the sender to make it again."


def is_archive(path: Path) -> bool:
    """Whether this is a zip file that is no office document; a damaged one is left to `recognise`."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
    return not names & set(_OFFICE)


def unpack(path: Path, password: str | None) -> str:
    """Put the one file of a zip in the place of the zip; returns what that file was called.

    Raises:
        Unreadable: when it holds no file or several, opens to too much, or its password is missing or wrong.
    """
    beside = path.with_name(f"{path.name}.opening")
    try:
        with pyzipper.AESZipFile(path) as archive:
            part = _only_part(archive.infolist(), path.stat().st_size)
            for secret in _secrets(part, password):
                if _written(archive, part, secret, beside):
                    break
            else:
                raise Unreadable(WRONG)
    except (
        zipfile.BadZipFile,
        pyzipper.BadZipFile,
        NotImplementedError,
        OSError,
        ValueError,
        KeyError,
    ) as error:
        raise Unreadable(DAMAGED) from error
    else:
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return str(part.filename)


def _only_part(parts: list[zipfile.ZipInfo], size: int) -> zipfile.ZipInfo:
    """The list in the zip, by the zip's own directory: nothing is opened yet."""
    files = [part for part in parts if not part.is_dir() and not _is_litter(part.filename)]
    if not files:
        raise Unreadable("This zip file is empty. Ask the sender for it again.")
    if len(files) > 1:
        raise Unreadable(
            f"This zip file holds {len(files):,} files. Take them out and upload them one by one."
        )
    opened = files[0].file_size
    if opened > OPENS_TO_BYTES:
        raise Unreadable("This file opens to more than 200 MB, so we stopped. Ask for it in parts.")
    if opened > RATIO_COUNTS_FROM and opened > OPENS_TO_RATIO * size:
        raise Unreadable(
            "This file opens to more than 100 times its size, so we stopped. Ask for it unzipped."
        )
    return files[0]


def _is_litter(name: str) -> bool:
    """What a Mac adds by itself."""
    return name.startswith("__MACOSX/") or name.rsplit("/", 1)[-1].startswith(".")


def _secrets(part: zipfile.ZipInfo, password: str | None) -> list[bytes | None]:
    if not part.flag_bits & _ENCRYPTED:
        return [None]
    if not password:
        raise Unreadable("This file has a password. Type it in; we do not keep it.")
    return list(dict.fromkeys(password.encode(name, "ignore") for name in _ENCODINGS))


def _written(archive: pyzipper.AESZipFile, part: zipfile.ZipInfo, secret: bytes | None, beside: Path) -> bool:
    """Whether the secret opened it. The check of the whole content tells; that of the password alone may err."""
    beside.unlink(missing_ok=True)
    beside.touch(mode=0o600)
    try:
        # Never reads more than the directory said, which was checked.
        with archive.open(part, pwd=secret) as packed, beside.open("wb") as plain:
            while piece := packed.read(_PIECE):
                plain.write(piece)
    except (RuntimeError, zipfile.BadZipFile, pyzipper.BadZipFile, zlib.error, EOFError):
        if secret is None:
            raise Unreadable(DAMAGED) from None
        return False
    return True
