"""A phone as static/js/outbox.js makes one, written a second time: seals an entry and checks its receipt."""

import base64
import datetime
import hashlib
import hmac
import json
import os
import time
import uuid
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from casework.outbox import codes


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


NOON = datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.UTC)
OUTBOX = "/casework/outbox/"


def typed(case, **told):
    return {"code": codes.code_of(case.pk), "kind": "call", "outcome": "reached", "next_contact": "3", **told}


def send(client, entry, address=OUTBOX):
    return client.post(address, entry, content_type="application/json")


class Phone:
    """Knows what a page told it: the author, and the public key of the server."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known
        self.receipts: dict[str, bytes] = {}

    def seal(self, content: Any, bound_to: list[str]) -> dict[str, str]:
        server = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), base64.b64decode(self.known["key"])
        )
        once = ec.generate_private_key(ec.SECP256R1())
        point = once.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        hkdf = HKDF(hashes.SHA256(), length=32, salt=point, info=b"hiu outbox 1")
        iv = os.urandom(12)
        aes = AESGCM(hkdf.derive(once.exchange(ec.ECDH(), server)))
        sealed = aes.encrypt(iv, json.dumps(content).encode(), "|".join(bound_to).encode())
        return {
            "kid": self.known["kid"],
            "ephemeral": b64(point),
            "iv": b64(iv),
            "sealed": b64(sealed),
        }

    def entry(self, *, written: float | None = None, id: str = "", **fields: Any) -> dict[str, Any]:
        id, at = id or str(uuid.uuid4()), round((written or time.time()) * 1000)
        author, receipt = self.known["author"], os.urandom(32)
        self.receipts[id] = receipt
        content = {"form": urlencode(fields), "receipt": b64(receipt)}
        sealed = self.seal(content, ["entry", id, author, str(at)])
        return {"id": id, "author": author, "written": at, **sealed}

    def draft(self, typed: Any, name: str) -> dict[str, Any]:
        author = self.known["author"]
        return {"name": name, "author": author, **self.seal(typed, ["draft", name, author])}

    def may_forget(self, entry: dict[str, Any], answer: dict[str, Any]) -> bool:
        """Whether the answer is a receipt that the server signed for this entry."""
        said = f"{entry['id']}|{answer.get('outcome')}".encode()
        signed = hmac.digest(self.receipts[entry["id"]], said, hashlib.sha256)
        return hmac.compare_digest(answer.get("receipt", ""), b64(signed))
