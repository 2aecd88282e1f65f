"""How much a field says about somebody, declared once on each model.

The audit triggers, the data dictionary, the annex of the data protection assessment and the scrubbed
developer copy all read these declarations; a test fails for a field that has none. No Django here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Privacy(StrEnum):
    """The class of a field in the data protection assessment."""

    PERSONAL = "personal"
    SPECIAL = "special"
    ORDINARY = "ordinary"


class Scrub(StrEnum):
    """What a field becomes in a copy for developers."""

    BLANK = "blank"
    NHS_NUMBER = "nhs_number"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    ADDRESS = "address"
    POSTCODE = "postcode"
    IDENTIFIER = "identifier"
    SENTENCE = "sentence"
    SECRET = "secret"  # noqa: S105  the name of a kind, not a secret
    # Kept as it is: without it the copy is of no use, and alone it names nobody.
    KEEP = "keep"


@dataclass(frozen=True)
class FieldPrivacy:
    """The class of every field of one model, except its own id, by attribute name.

    `personal` and `special` map a field to its scrub value; `ordinary` names the others, between spaces.
    The values of personal and special fields never enter the audit, only that they changed.
    """

    personal: Mapping[str, Scrub] = field(default_factory=dict)
    special: Mapping[str, Scrub] = field(default_factory=dict)
    ordinary: str = ""

    @property
    def withheld(self) -> frozenset[str]:
        """Fields whose values the audit leaves out."""
        return frozenset(self.personal) | frozenset(self.special)

    def class_of(self, name: str) -> Privacy | None:
        """The class of a field, or None where nobody has decided."""
        if name in self.special:
            return Privacy.SPECIAL
        if name in self.personal:
            return Privacy.PERSONAL
        return Privacy.ORDINARY if name in self.ordinary.split() else None
