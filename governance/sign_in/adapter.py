"""What allauth asks us about second factors: how to seal what it stores, and what to call us."""

import base64
import hashlib
from io import BytesIO

import qrcode
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from qrcode.image.svg import SvgPathFillImage

from governance.models import User
from governance.rules import RuleBroken


class SealedFactors(DefaultMFAAdapter):
    """Seeds of authenticator apps and of recovery codes cannot be read out of the database."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The sealed text; raises RuleBroken when none of the keys opens it."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as problem:
            raise RuleBroken(
                "Your second factor can no longer be read. Ask for a new one, by the link below."
            ) from problem

    def get_totp_issuer(self) -> str:
        return settings.PRODUCT_NAME

    def get_totp_label(self, user: User) -> str:
        return user.email

    def build_totp_svg(self, url: str) -> str:
        """A QR code on white, since a phone cannot read one on a dark page."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": settings.PRODUCT_NAME}

    def get_public_key_credential_user_entity(self, user: User) -> dict:
        return {"id": str(user.pk).encode(), "name": user.email, "display_name": user.name}


def _box() -> MultiFernet:
    keys = (hashlib.sha256(key.encode()).digest() for key in settings.MFA_KEYS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
