"""What somebody needs to read, hear and be understood: asked, written down, shown, shared, met and looked at again."""

import datetime
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from casework.actions.support import UNSEEN, Unseen, check_seen
from casework.models import AccessNeeds, Case, NeedFormat
from governance import audit
from governance.models import Person, User
from governance.rules import RuleBroken

LONGEST_REVIEW_DAYS = 366
LONGEST_WORDS = Person._meta.get_field("communication_needs").max_length or 0


@transaction.atomic
def record(
    *,
    case: Case,
    needs: str = "",
    formats: Sequence[str] = (),
    carer_needs: str = "",
    met: str = "",
    review_on: datetime.date,
    seen: int | Unseen | None = UNSEEN,
    by: User,
) -> AccessNeeds:
    """Write down what somebody needs, or that they were asked and need nothing.

    Their record shows it on every page, and what is shared with a partner under a yes has it too.

    Raises:
        RuleBroken: the review day is not within the next year, all of it together is too long to show,
            or somebody else asked them since the row `seen`.
    """
    today = timezone.localdate()
    if review_on <= today or (review_on - today).days > LONGEST_REVIEW_DAYS:
        raise RuleBroken("Choose a review day after today and within a year. What people need changes.")
    person = Person.objects.select_for_update(of=["self"]).get(pk=case.person_id)
    check_seen(case.service.access_needs.filter(case__person=person).first(), seen)
    row = case.service.access_needs.create(
        case=case,
        needs=needs,
        formats=list(formats),
        carer_needs=carer_needs,
        met=met,
        review_on=review_on,
        by=by,
    )
    person.communication_needs = in_words(row)
    if len(person.communication_needs) > LONGEST_WORDS:
        raise RuleBroken(
            f"Together this is {len(person.communication_needs)} characters, and {LONGEST_WORDS:,} are shown. "
            "Shorten what they need, so that nothing of it is cut off."
        )
    person.save(update_fields=["communication_needs"])
    changes = {"case": case.pk, "review_on": review_on, "formats": len(row.formats)}
    audit.record("access_needs_recorded", service=case.service, by=by, on=row, changes=changes)
    return row


def in_words(row: AccessNeeds) -> str:
    """What they need in one line, what is arranged first; empty where they need nothing."""
    formats = [label for value, label in NeedFormat.choices if value in row.formats]
    carer = f"their carer: {row.carer_needs}" if row.carer_needs else ""
    return "; ".join(filter(None, [*formats, row.needs, carer]))
