"""Whether a person was told how their information is used, and where we have it from."""

import datetime
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject, Least
from django.utils import timezone

from casework.models import Case, ContactOutcome
from casework.models.case import CaseQuerySet
from casework.rules import NOT_TOWARDS_THE_PERSON
from cohorts.models import Referral, ReferralSource
from governance.models import NoticeChannel, Service

# UK GDPR, Article 14(3)(a): within a reasonable period, at the latest one month.
LATEST = datetime.timedelta(days=28)


@dataclass(frozen=True)
class Origin:
    """One feed that names the person."""

    feed: str
    organisation: str
    agreement: str
    has_phone: bool
    received_on: datetime.date | None

    @property
    def words(self) -> str:
        """The answer to "How did you get my number?", to be read out."""
        what = "Your phone number" if self.has_phone else "Your name"
        when = f" on {self.received_on:%-d %B %Y}" if self.received_on else ""
        return (
            f"{what} came to us from {self.organisation}{when}. They may give it to us under an agreement called "
            f"{self.agreement}, so that we can offer you help. You can say no, and you can ask us to stop."
        )


@dataclass(frozen=True)
class Notice:
    """What the pages say about it."""

    told: str
    # The easy-read text of the version in use; empty where none is published.
    read_out: str
    times_reached: int
    origins: list[Origin]
    listed: str
    today: datetime.date
    referral: Referral | None = None

    @property
    def referred(self) -> str:
        """The same answer for somebody who was referred; empty for everybody else."""
        if self.referral is None:
            return ""
        if self.referral.source == ReferralSource.SELF:
            return "You asked for help yourself, and told us how to reach you."
        yes = (
            f" You said yes to that on {self.referral.agreed_on:%-d %B %Y}."
            if self.referral.agreed_on
            else ""
        )
        return (
            f"{self.referral.sent_by} told us about you, so that we can offer you help.{yes} You can say no, and "
            "you can ask us to stop."
        )

    @property
    def answer(self) -> str:
        """All of the answer to "How did you get my number?"; empty where the records do not say."""
        return " ".join(filter(None, [self.referred, *(origin.words for origin in self.origins)]))

    @property
    def is_missing(self) -> bool:
        return not self.told

    @property
    def may_be_given(self) -> bool:
        """Whether the service has published a notice."""
        return bool(self.read_out)

    @property
    def warning(self) -> str:
        """What is missing, plainly; empty where nothing is."""
        if self.told:
            return ""
        words = "Nobody has told them yet how their information is used and where we have it from."
        if self.times_reached > 1:
            words = f"They were reached {self.times_reached} times. {words}"
        if self.times_reached:
            words += " Tell them at the next contact, or say why not."
        if last := self.tell_by:
            words += f" The law {'gives' if self.today <= last else 'gave'} until {last:%-d %B %Y}."
        return words

    @property
    def tell_by(self) -> datetime.date | None:
        """The last day to tell them, from when the first feed or a referrer named them."""
        days = [origin.received_on for origin in self.origins if origin.received_on]
        days += [timezone.localdate(self.referral.received_at)] if self.referral else []
        return min(days) + LATEST if days else None


def cases(service: Service, today: datetime.date) -> CaseQuerySet:
    """Every case of a service with what `of` reads."""
    return annotated(service.cases.all(), service, today=today)


def annotated(cases: CaseQuerySet, service: Service, *, today: datetime.date) -> CaseQuerySet:
    """Cases with what `of` reads, so that a page about one asks no further question."""
    person = OuterRef("person_id")
    told = service.notices_given.filter(person=person).order_by("given_at", "pk")
    reached = (
        service.contacts.filter(case__person=person, outcome=ContactOutcome.REACHED)
        .exclude(kind__in=NOT_TOWARDS_THE_PERSON)
        .order_by()
        .values(one=Value(1))
        .annotate(n=Count("*"))
    )
    notices = service.privacy_notices.filter(published_on__lte=today).order_by("-version")
    return cases.select_related(
        "candidate__cohort_list__rule", "referral__link__organisation", "referral__organisation"
    ).annotate(
        told=ArraySubquery(
            told.values(found=JSONObject(at="given_at", channel="channel", version="notice__version"))[:1]
        ),
        read_out=Subquery(notices.values("easy_read")[:1]),
        times_reached=Coalesce(Subquery(reached.values("n")), 0),
        origins=_origins(service),
    )


def _origins(service: Service) -> ArraySubquery:
    named = {"source": OuterRef("pk"), "person": OuterRef(OuterRef("person_id"))}
    events, counts = service.activities.filter(**named), service.activity_counts.filter(**named)
    first = [
        Subquery(rows.order_by("extract__received_at").values("extract__received_at")[:1])
        for rows in (events, counts)
    ]
    return ArraySubquery(
        service.sources.filter(Q(Exists(events)) | Q(Exists(counts)))
        .order_by("pk")
        .values(
            found=JSONObject(
                feed="name",
                organisation="organisation__name",
                agreement="agreement__title",
                allowed="agreement__allowed_fields",
                first=Least(*first),
            )
        )
    )


def of(case: Case, *, today: datetime.date) -> Notice:
    """The state of a case that `annotated` brought."""
    told: list[dict[str, str]] = getattr(case, "told", [])
    return Notice(
        told=_told_words(told[0]) if told else "",
        read_out=getattr(case, "read_out", None) or "",
        times_reached=getattr(case, "times_reached", 0),
        origins=[_origin(found) for found in getattr(case, "origins", [])],
        listed=str(case.candidate.cohort_list) if case.candidate else "",
        today=today,
        referral=case.referral,
    )


def _told_words(found: dict[str, str]) -> str:
    return (
        f"Told on {_day(found['at']):%-d %B %Y}: {NoticeChannel(found['channel']).label.lower()}, "
        f"version {found['version']}."
    )


def _origin(found: dict) -> Origin:
    return Origin(
        feed=found["feed"],
        organisation=found["organisation"],
        agreement=found["agreement"],
        has_phone="phone" in found["allowed"],
        received_on=_day(found["first"]) if found["first"] else None,
    )


def _day(moment: str) -> datetime.date:
    return timezone.localdate(datetime.datetime.fromisoformat(moment))
