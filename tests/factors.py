"""What people hold in their hands: an authenticator app and a passkey, made of software."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "http://localhost"
USER_PRESENT_AND_VERIFIED = 0x05
ATTESTED = 0x40


def code(secret: str, *, steps: int = 0) -> str:
    """The code an app shows now, or so many half-minutes later."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + steps))


@dataclass
class Passkey:
    """A platform authenticator of one site."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b"a passkey of software"

    def register(self, question: dict[str, Any]) -> str:
        """The JSON with which a browser answers navigator.credentials.create()."""
        public = ES256.from_cryptography_key(self.key.public_key())
        attested = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        data = self._data(question["publicKey"]["rp"]["id"], ATTESTED, attested)
        response = {"attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {})))}
        return self._answer("webauthn.create", question, response)

    def sign(self, question: dict[str, Any]) -> str:
        """The JSON with which a browser answers navigator.credentials.get()."""
        data = self._data(question["publicKey"]["rpId"], 0, b"")
        signed = bytes(data) + hashlib.sha256(self._client_data("webauthn.get", question)).digest()
        response = {
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        return self._answer("webauthn.get", question, response)

    def _data(self, site: str, flags: int, attested: bytes) -> AuthenticatorData:
        rp_hash = hashlib.sha256(site.encode()).digest()
        return AuthenticatorData.create(rp_hash, USER_PRESENT_AND_VERIFIED | flags, 1, attested)

    def _client_data(self, kind: str, question: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": question["publicKey"]["challenge"], "origin": ORIGIN}
        return json.dumps(said).encode()

    def _answer(self, kind: str, question: dict[str, Any], response: dict[str, Any]) -> str:
        own_id = websafe_encode(self.credential_id)
        response["clientDataJSON"] = websafe_encode(self._client_data(kind, question))
        return json.dumps({"id": own_id, "rawId": own_id, "type": "public-key", "response": response})
