"""What a phone needs to know to keep contacts for one member of a service."""

from django.conf import settings

from casework.outbox import entry, sealing
from governance.models import Membership


def known(membership: Membership) -> dict[str, str]:
    """Who writes, and the public key that what they write is sealed to."""
    key = sealing.key_from(settings.OUTBOX_KEYS[0])
    return {"author": entry.author_of(membership), "key": key.public, "kid": key.id}
