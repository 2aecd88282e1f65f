import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from cohorts.models.referral_link import ReferralLink, ReferralSource
from cohorts.referrals.rules import Happened, Identity, Step, standing
from governance.models import Organisation, Person, Service, TeamMember, User
from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.need_to_know import NeedToKnow
from governance.privacy import FieldPrivacy, Scrub


class Urgency(models.TextChoices):
    TODAY = "today", "Today: they are in crisis or about to leave hospital"
    DAYS = "days", "In the next few days"
    WEEKS = "weeks", "In the next weeks"


class Agreed(models.TextChoices):
    """Whether the person was asked before they were referred."""

    YES = "yes", "They said yes to being referred"
    NOT_ASKED = "not_asked", "They have not been asked yet"


class AgreedMethod(models.TextChoices):
    IN_PERSON = "in_person", "In person"
    PHONE = "phone", "By phone"
    INTERPRETER = "interpreter", "Through an interpreter"
    WRITTEN = "written", "In writing"


class PauseReason(models.TextChoices):
    """Why nobody can be in touch for now."""

    CUSTODY = "custody", "They are in custody"
    HOSPITAL = "hospital", "They are in hospital and cannot talk yet"
    ASKED_TO_WAIT = "asked_to_wait", "They asked us to wait"
    MORE_TO_COME = "more_to_come", "The referrer is to send more"


class DeclineReason(models.TextChoices):
    """Why somebody is not taken on from a referral; each can be reported. Never shown outside."""

    NO_NEED = "no_need", "No need that we can help with"
    SAID_NO = "said_no", "They said no to support"
    SUPPORTED_HERE = "supported_here", "We support them already"
    SUPPORTED_ELSEWHERE = "supported_elsewhere", "Already supported by another team"
    OUT_OF_AREA = "out_of_area", "Lives out of the area"
    END_OF_LIFE = "end_of_life", "On an end-of-life pathway"
    ACUTE_EPISODE = "acute_episode", "In an acute mental health episode"
    UNSAFE = "unsafe", "Too unsafe for staff at present"
    NOT_ENOUGH = "not_enough", "We were told too little, and could not find out more"
    NO_CAPACITY = "no_capacity", "No room on the caseload at present"
    OBJECTED = "objected", "Asked not to be contacted"


class Feedback(models.TextChoices):
    """What the referrer reads. Fixed sentences: none says who it is about, how they are, or that we know them."""

    RING_US = "ring_us", "Please ring us about this referral."
    OTHER_SERVICE = "other_service", "Another service can help better. Ring us, and we will say which."
    OUT_OF_AREA = "out_of_area", "We do not work where this person lives."
    NO_ROOM = "no_room", "We have no room at present. Please refer again in a month, if it is still wanted."
    TELL_US_MORE = "tell_us_more", "We need to know more. Please ring us, or refer again and say more."
    NOT_WANTED = "not_wanted", "Our support is not wanted at present. You can refer again at any time."


STEP_CHOICES = [
    (Step.ACCEPTED.value, "Accepted"),
    (Step.DECLINED.value, "Declined"),
    (Step.PAUSED.value, "Clock paused"),
    (Step.RESUMED.value, "Clock resumed"),
    (Step.ATTEMPT.value, "First contact tried"),
    (Step.UNTRIED.value, "First contact taken back"),
    (Step.ENDED.value, "Support has come to an end"),
]
STEP_REASONS = [*PauseReason.choices, *DeclineReason.choices]


class ReferralQuerySet(InsertOnlyQuerySet):
    def waiting(self) -> "ReferralQuerySet":
        """Those that wait for a decision or for a first contact."""
        over = _has(Step.DECLINED, Step.ENDED)
        tries = ReferralStep.objects.filter(
            referral=OuterRef("pk"), kind__in=(Step.ATTEMPT, Step.UNTRIED)
        ).order_by("-pk")
        tried = self.alias(last_try=Subquery(tries.values("kind")[:1]))
        return tried.filter(~over, ~_has(Step.ACCEPTED) | Q(last_try=None) | Q(last_try=Step.UNTRIED))

    def undecided(self) -> "ReferralQuerySet":
        """Those nobody has accepted or declined."""
        return self.exclude(_has(Step.ACCEPTED, Step.DECLINED))

    def with_reach(self, user: User, mode: NeedToKnow, on: datetime.date) -> "ReferralQuerySet":
        """Each with `is_in_reach`, as with cases: taken by the user, or by their team, or by anybody.

        One that came by a link was taken by nobody: only where the whole service is one team all see it.
        """
        if mode == NeedToKnow.SERVICE:
            return self.annotate(is_in_reach=Value(True))
        reach: Any = Q(by=user)
        if mode == NeedToKnow.TEAM:
            mates = TeamMember.objects.mates_of(user, on).values("user")
            teams = TeamMember.objects.in_force(on).filter(service=OuterRef("service"))
            reach |= Q(by__in=mates) | ~Exists(teams)
        return self.annotate(
            is_in_reach=models.Case(models.When(reach, then=Value(True)), default=Value(False))
        )

    def with_steps(self) -> "ReferralQuerySet":
        """Each with `told_steps`, from which `Referral.happened` is read without another query."""
        return self.annotate(told_steps=steps_of("pk"))


def steps_of(referral: str) -> ArraySubquery:
    """The steps of a referral as part of a query; `referral` is where a row has its id."""
    rows = ReferralStep.objects.filter(referral=OuterRef(referral)).order_by("at", "pk")
    return ArraySubquery(rows.values(found=JSONObject(kind="kind", at="at", reason="reason")))


def _has(*kinds: Step) -> Exists:
    return Exists(ReferralStep.objects.filter(referral=OuterRef("pk"), kind__in=kinds))


def read_steps(told: list[dict[str, Any]]) -> list[Happened]:
    """What `steps_of` brought back, of what still stands."""
    return standing(
        [Happened(s["kind"], datetime.datetime.fromisoformat(s["at"]), s["reason"]) for s in told]
    )


class Referral(InsertOnlyModel):
    """A person sent to the service by somebody, without a list. What was said stays as it was said."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="referrals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="referrals")
    # Made by the form, so that a second press refers once. The address of the status page is signed over it.
    key = models.UUIDField(unique=True)
    # The link it came by, or whoever took it.
    link = models.ForeignKey(
        ReferralLink, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    logged_at = models.DateTimeField(default=timezone.now)
    source = models.CharField("who refers", max_length=20, choices=ReferralSource)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    referrer_name = models.CharField("name of the referrer", max_length=100, blank=True)
    referrer_role = models.CharField("role of the referrer", max_length=100, blank=True)
    referrer_contact = models.CharField("how to reach the referrer", max_length=100, blank=True)
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    birth_date = models.DateField("date of birth", null=True, blank=True)
    nhs_number = models.CharField("NHS number", max_length=10, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField("address, or where they are now", max_length=300, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    needs = models.CharField("how best to talk with them", max_length=300, blank=True)
    reason = models.TextField("why they are referred")
    wants = models.TextField("what they want themselves", blank=True)
    risks = models.TextField("risks known", blank=True)
    urgency = models.CharField("how soon", max_length=10, choices=Urgency)
    agreed = models.CharField("did they agree", max_length=10, choices=Agreed)
    agreed_on = models.DateField("day they agreed", null=True, blank=True)
    agreed_method = models.CharField("how they agreed", max_length=12, choices=AgreedMethod, blank=True)
    agreed_words = models.CharField("what they said", max_length=300, blank=True)
    asked = models.CharField("who asked them", max_length=100, blank=True)
    not_asked_why = models.CharField("why they were not asked", max_length=300, blank=True)

    objects = ReferralQuerySet.as_manager()  # type: ignore[misc]

    # Set by `with_steps` and `with_reach`.
    told_steps: list[dict[str, Any]]
    is_in_reach: bool

    privacy = FieldPrivacy(
        personal={
            "referrer_name": Scrub.FULL_NAME,
            "referrer_contact": Scrub.PHONE,
            "asked": Scrub.FULL_NAME,
            "first_name": Scrub.FIRST_NAME,
            "last_name": Scrub.LAST_NAME,
            "birth_date": Scrub.BIRTH_DATE,
            "nhs_number": Scrub.BLANK,
            "phone": Scrub.PHONE,
            "address": Scrub.ADDRESS,
            "postcode": Scrub.POSTCODE,
        },
        special={
            "needs": Scrub.SENTENCE,
            "reason": Scrub.SENTENCE,
            "wants": Scrub.SENTENCE,
            "risks": Scrub.SENTENCE,
            "agreed_words": Scrub.SENTENCE,
            "not_asked_why": Scrub.SENTENCE,
        },
        ordinary="service person key link by received_at logged_at source organisation referrer_role urgency agreed "
        "agreed_on agreed_method",
    )

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [models.Index(fields=["service", "-received_at"], name="referral_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(link__isnull=False, by=None) | Q(link=None, by__isnull=False),
                name="referral_came_by_link_or_member",
            ),
            models.CheckConstraint(
                condition=(Q(agreed="yes", agreed_on__isnull=False) & ~Q(agreed_method=""))
                | (Q(agreed="not_asked") & ~Q(not_asked_why="")),
                name="referral_says_whether_agreed",
                violation_error_message="Say when and how they agreed, or why they were not asked.",
            ),
        ]

    def __str__(self) -> str:
        return f"Referral {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("cohorts:referral", args=[self.pk])

    @property
    def happened(self) -> list[Happened]:
        """Its steps, oldest first; needs `with_steps`."""
        return read_steps(self.told_steps)

    @property
    def sent_by(self) -> str:
        """Who refers: the team or organisation where one is known, else the kind of referrer."""
        if self.link is not None:
            return str(self.link)
        return str(self.organisation or self.get_source_display())

    @property
    def identity(self) -> Identity:
        """Who the person is said to be."""
        return Identity(self.first_name, self.last_name, self.birth_date, self.nhs_number or None)


class ReferralStep(InsertOnlyModel):
    """Something that happened to a referral: decided, clock paused or resumed, first contact, end of support."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="referral_steps")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=STEP_CHOICES)
    reason = models.CharField(max_length=20, choices=STEP_REASONS, blank=True)
    feedback = models.CharField("what the referrer reads", max_length=15, choices=Feedback, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    logged_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        special={"note": Scrub.SENTENCE, "reason": Scrub.KEEP},
        ordinary="service referral kind feedback at logged_at by",
    )

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["referral", "kind"],
                condition=Q(kind__in=["accepted", "declined", "ended"]),
                name="referral_step_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["declined", "paused"]) | ~Q(reason=""),
                name="referral_step_has_reason",
                violation_error_message="Choose a reason.",
            ),
            models.CheckConstraint(
                condition=(Q(kind="declined") & ~Q(feedback="")) | (~Q(kind="declined") & Q(feedback="")),
                name="referral_declined_with_feedback",
                violation_error_message="Choose what the referrer reads.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
