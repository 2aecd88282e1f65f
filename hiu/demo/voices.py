"""What invented clients, carers and partners say of the service, in the quarter that is reported and since."""

import datetime
import random

from django.utils import timezone

from casework.experience import Rating, Ruling, Way, Who
from casework.models import Case, ExperienceAnswer, ExperienceRuling
from casework.rules import OPEN_STAGES, Stage
from governance.models import Service, User

RATINGS = (*[Rating.VERY_GOOD] * 9, *[Rating.GOOD] * 6, Rating.NEITHER, Rating.POOR, Rating.DONT_KNOW)
ASKED_OF_TEN = 8
DAYS = 85
KIND = (
    "She rang when she said she would. Nobody had done that before.",
    "I was not told off once, and I was not rushed.",
    "He asked what I wanted first, and only then what was wrong.",
    "I sleep now. I have somebody to ring who is not 999.",
    "It took a while until I trusted it. I am glad they kept coming back.",
)
COOL = (
    "I would have liked to hear from them sooner.",
    "It was all right. The forms were too long.",
)
OF_CARERS = ("I can leave the house again, because I know somebody looks in.",)
OF_PARTNERS = (
    "We get one call with the whole story, in place of five referrals.",
    "Their notes tell us how to talk to somebody, and that has calmed things on the ward.",
)


def tell(
    service: Service, *, lead: User, quarter_ends: datetime.date, today: datetime.date, seed: int
) -> None:
    """Two in three are asked; some of the words were read by the lead, and some wait."""
    chance = random.Random(seed)  # noqa: S311  a demo must repeat itself
    begins = quarter_ends - datetime.timedelta(days=DAYS)
    supported = OPEN_STAGES - {Stage.OFFERED} | {Stage.OPEN_DOOR}
    cases = (
        service.cases.filter(stage__in=supported, last_contact_at__date__gte=begins)
        .filter(opened_at__date__lt=quarter_ends)
        .exclude(worker=None)
        .select_related("worker")
        .order_by("pk")
    )
    for position, case in enumerate(cases):
        if chance.randrange(10) < ASKED_OF_TEN:
            first = max(begins, timezone.localdate(case.opened_at))
            day = first + datetime.timedelta(days=chance.randint(0, (quarter_ends - first).days))
            _of_client(case, day, position, chance, lead)
    for words in OF_CARERS:
        _answer(service, lead, Who.CARER, Rating.VERY_GOOD, quarter_ends, words=words)
    for number in range(12):
        words = OF_PARTNERS[number] if number < len(OF_PARTNERS) else ""
        day = quarter_ends - datetime.timedelta(days=3 * number)
        _answer(service, lead, Who.PARTNER, RATINGS[2 * number % len(RATINGS)], day, words=words)
    newest = cases.last()
    if newest and newest.worker:
        kind = Rating.VERY_GOOD
        _answer(service, newest.worker, Who.PERSON, kind, today, case=newest, words=KIND[0], may_quote=True)


def _of_client(case: Case, day: datetime.date, position: int, chance: random.Random, lead: User) -> None:
    worker = case.worker
    assert worker is not None
    rating = chance.choice(RATINGS)
    said = KIND if rating in (Rating.VERY_GOOD, Rating.GOOD) else COOL
    words = said[position % len(said)] if position % 3 else ""
    may_quote = bool(words) and chance.random() < 0.6
    row = _answer(case.service, worker, Who.PERSON, rating, day, case=case, words=words, may_quote=may_quote)
    if may_quote and worker != lead:
        ruling = Ruling.MAY_BE_QUOTED if said is KIND else Ruling.NOT_QUOTED
        ExperienceRuling.objects.create(service=case.service, answer=row, ruling=ruling, by=lead, at=row.at)


def _answer(
    service: Service,
    by: User,
    who: Who,
    rating: Rating,
    day: datetime.date,
    *,
    case: Case | None = None,
    words: str = "",
    may_quote: bool = False,
) -> ExperienceAnswer:
    at = timezone.make_aware(datetime.datetime.combine(day, datetime.time(16)))
    return ExperienceAnswer.objects.create(
        service=service,
        case=case,
        who=who,
        rating=rating,
        way=Way.PHONE if who == Who.PARTNER else Way.IN_PERSON,
        answered_on=day,
        words=words,
        may_quote=may_quote,
        by=by,
        at=min(at, timezone.now()),
    )
