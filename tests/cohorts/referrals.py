"""What somebody fills into the form of a referral."""

import uuid
from typing import Any

from django.utils import timezone


def filled(**changed: str) -> dict[str, str]:
    """The form without an account, as posted; what is not optional, and the NHS number."""
    today = timezone.localdate()
    return {
        "key": str(uuid.uuid4()),
        "first_name": "Rosa",
        "last_name": "Marsh",
        "birth_date_day": "6",
        "birth_date_month": "5",
        "birth_date_year": "1980",
        "nhs_number": "999 000 0026",
        "phone": "07700 900123",
        "reason": "Lost her flat and sleeps at the hospital",
        "wants": "A door that locks",
        "urgency": "days",
        "agreed": "yes",
        "agreed_on_day": str(today.day),
        "agreed_on_month": str(today.month),
        "agreed_on_year": str(today.year),
        "agreed_method": "in_person",
        "agreed_words": "Yes please, somebody to talk to",
        "referrer_name": "Dr Imogen Sender",
        "referrer_role": "Liaison nurse",
        "referrer_contact": "bleep 4411",
        **changed,
    }


def said(**changed: Any) -> dict[str, Any]:
    """The fields that the action takes."""
    return {
        "key": uuid.uuid4(),
        "first_name": "Rosa",
        "last_name": "Marsh",
        "birth_date": None,
        "nhs_number": "",
        "phone": "07700 900123",
        "address": "",
        "postcode": "",
        "needs": "",
        "reason": "Lost her flat",
        "source": "gp",
        "urgency": "days",
        "agreed": "yes",
        "agreed_on": timezone.localdate(),
        "agreed_method": "in_person",
        "agreed_words": "Yes please",
        **changed,
    }
