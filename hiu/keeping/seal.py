"""The keys of an installation, sealed with a passphrase and bound to the manifest of their backup.

AES-256-GCM with a key from scrypt. The manifest is authenticated along with the keys, so whoever edits
a file of the backup and its hash in the manifest is found out when the seal is opened.
"""

import json
import os
import re
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from django.conf import settings

from hiu.keeping.place import KeepingError

SHORTEST_PASSPHRASE = 16
# SECRET_KEY, AUDIT_KEY, SECRET_KEY_FALLBACKS and whatever key another setting holds.
A_KEY = re.compile(r"(^|_)KEYS?(_FALLBACKS)?$")
# 64 MB of memory and about a tenth of a second for each guess.
COST = {"n": 2**16, "r": 8, "p": 1}

Keys = dict[str, str | list[str]]


def passphrase() -> str:
    """From the environment. KeepingError where it is missing or too short to keep anything."""
    given = os.environ.get("BACKUP_PASSPHRASE", "")
    if len(given) < SHORTEST_PASSPHRASE:
        raise KeepingError(
            f"Set BACKUP_PASSPHRASE to {SHORTEST_PASSPHRASE} or more characters: it seals the keys of the "
            "backup. Keep it in a safe, apart from the backup."
        )
    return given


def keys_in_use() -> Keys:
    """Every setting that is a key, by its name."""
    named = {name: getattr(settings, name, None) for name in dir(settings) if A_KEY.search(name)}
    return {name: value for name, value in sorted(named.items()) if value and isinstance(value, str | list)}


def seal(keys: Keys, phrase: str, manifest: bytes) -> bytes:
    """The content of the sealed file."""
    salt, nonce = os.urandom(16), os.urandom(12)
    closed = AESGCM(_key(phrase, salt)).encrypt(nonce, json.dumps(keys).encode(), manifest)
    parts = {"salt": salt, "nonce": nonce, "sealed": closed}
    return json.dumps({name: b64encode(part).decode() for name, part in parts.items()}).encode()


def unseal(content: bytes, phrase: str, manifest: bytes) -> Keys:
    """The keys. KeepingError for a wrong passphrase and for a seal or a manifest that was changed."""
    try:
        parts = {name: b64decode(part) for name, part in json.loads(content).items()}
        opened = AESGCM(_key(phrase, parts["salt"])).decrypt(parts["nonce"], parts["sealed"], manifest)
    except (InvalidTag, ValueError, KeyError, AttributeError) as problem:
        raise KeepingError(
            "The keys do not open: BACKUP_PASSPHRASE is not the one of this backup, or manifest.json or "
            "keys.sealed was changed after it was made."
        ) from problem
    keys: Keys = json.loads(opened)
    return keys


def _key(phrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, **COST).derive(phrase.encode())
