"""Writing down how people find the service, and deciding what of it may be quoted."""

import datetime

from django.db import transaction
from django.utils import timezone

from casework import experience, rules
from casework.experience import Rating, Ruling, Way, Who
from casework.models import Case, ExperienceAnswer, ExperienceRuling
from governance import audit
from governance.models import Service, User
from governance.rules import RuleBroken


@transaction.atomic
def note(
    *,
    service: Service,
    case: Case | None = None,
    who: str = Who.PERSON,
    rating: str,
    way: str = Way.IN_PERSON,
    answered_on: datetime.date,
    words: str = "",
    may_quote: bool = False,
    by: User,
) -> ExperienceAnswer:
    """Write down what somebody answered. Without a case it is kept with the service, and with nobody.

    Raises:
        RuleBroken: an answer that the question does not have, an answer of somebody else with a case, words that may be
            quoted and are not there, or a day in the future.
    """
    if rating not in list(Rating) or way not in list(Way) or who not in list(Who):
        raise RuleBroken("Choose one of the answers shown. Open the page again.")
    if case is not None and who not in experience.OF_A_CASE:
        raise RuleBroken(
            "Only what a client or their carer says is kept with a case. Write this down for the service."
        )
    if may_quote and not words.strip():
        raise RuleBroken("Write down the words that may be quoted, or take the tick away.")
    if len(words) > experience.LONGEST_WORDS:
        raise RuleBroken(f"Shorten their words to {experience.LONGEST_WORDS} characters.")
    _check_day(answered_on)
    row = service.experience_answers.create(
        case=case,
        who=who,
        rating=rating,
        way=way,
        answered_on=answered_on,
        words=words.strip(),
        may_quote=may_quote,
        by=by,
    )
    changes = {"case": case.pk if case else None, "who": who, "may_quote": may_quote}
    audit.record("experience_noted", service=service, by=by, on=row, changes=changes)
    return row


@transaction.atomic
def rule(*, answer: ExperienceAnswer, ruling: str, by: User) -> ExperienceRuling:
    """Decide about an answer: whether its words may be quoted, or that it was entered by mistake.

    Words are cleared by a second pair of eyes: nothing in them tells who said them.

    Raises:
        RuleBroken: no such decision, or the words cannot be cleared, or not by this person.
    """
    if ruling not in list(Ruling):
        raise RuleBroken("Choose one of the decisions shown. Open the page again.")
    if ruling == Ruling.MAY_BE_QUOTED:
        is_own = answer.by_id == by.pk
        why = experience.why_not_quoted(words=answer.words, may_quote=answer.may_quote, is_own=is_own)
        if why:
            raise RuleBroken(why)
    row = answer.service.experience_rulings.create(answer=answer, ruling=ruling, by=by)
    changes = {"answer": answer.pk, "ruling": [None, ruling]}
    audit.record("experience_ruled", service=answer.service, by=by, on=row, changes=changes)
    return row


def _check_day(day: datetime.date) -> None:
    if day > timezone.localdate():
        raise RuleBroken(f"{day:%-d %B %Y} is in the future. Enter the day on which they said it.")
    if day < rules.EARLIEST_DAY:
        raise RuleBroken(f"The year {day.year} is too long ago. Write the year with four digits.")
