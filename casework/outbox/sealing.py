"""Opens what a browser sealed to the server's public key, and signs for what was taken in.

static/js/outbox.js is the other half: an ephemeral P-256 key, HKDF-SHA256 and AES-GCM. Pure: no queries, no clock.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from governance.rules import RuleBroken

CURVE = ec.SECP256R1()
# The order of the curve (FIPS 186-5, P-256): a private key is a number from 1 to one less.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
INFO = b"hiu outbox 1"
ID_LENGTH = 16


@dataclass(frozen=True)
class Key:
    """A key pair; `id` and `public` (the point, in base64) go to the browsers."""

    private: ec.EllipticCurvePrivateKey
    public: str
    id: str


@lru_cache(maxsize=16)
def key_from(secret: str) -> Key:
    """The key pair that belongs to a secret of the settings: the same at every start."""
    # Twice as long as the order, so that no number is likelier than another.
    digest = hashlib.sha512(b"hiu outbox key" + secret.encode()).digest()
    private = ec.derive_private_key(int.from_bytes(digest, "big") % (ORDER - 1) + 1, CURVE)
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return Key(private, base64.b64encode(point).decode(), hashlib.sha256(point).hexdigest()[:ID_LENGTH])


def open_sealed(envelope: Mapping[str, Any], bound_to: list[str], secrets: list[str]) -> Any:
    """What was sealed. `bound_to` is what the envelope says in clear: changed by a letter, it does not open.

    Raises:
        RuleBroken: it was sealed to a key that is not among the secrets, or it is damaged.
    """
    key = next((k for k in map(key_from, secrets) if k.id == envelope.get("kid")), None)
    if key is None:
        raise RuleBroken(
            "It was sealed with a key that the server no longer has. Leave it on this phone and tell your "
            "administrator: the earlier OUTBOX_KEY belongs into OUTBOX_KEY_FALLBACKS."
        )
    try:
        point, iv, sealed = (unpacked(envelope[name]) for name in ("ephemeral", "iv", "sealed"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        shared = key.private.exchange(ec.ECDH(), public)
        secret = HKDF(hashes.SHA256(), length=32, salt=point, info=INFO).derive(shared)
        return json.loads(AESGCM(secret).decrypt(iv, sealed, "|".join(bound_to).encode()))
    except (KeyError, ValueError, TypeError, InvalidTag) as problem:
        raise RuleBroken(
            "It arrived damaged and cannot be opened. Leave it on this phone and tell your administrator."
        ) from problem


def receipt(key: bytes, entry: str, outcome: str) -> str:
    """The signature that lets the phone forget an entry. Only who opened it knows the key."""
    return base64.b64encode(hmac.digest(key, f"{entry}|{outcome}".encode(), hashlib.sha256)).decode()


def unpacked(text: Any) -> bytes:
    """The bytes of base64; ValueError where it is none."""
    if not isinstance(text, str):
        raise ValueError("not base64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as problem:
        raise ValueError(str(problem)) from problem
