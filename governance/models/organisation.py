import datetime

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from governance.models.user import User
from governance.need_to_know import NeedToKnow
from governance.privacy import FieldPrivacy
from governance.roles import ROLES, Role, role_choices
from governance.rules import AccessEnds, RuleBroken, last_day_of_access


class OrganisationKind(models.TextChoices):
    TRUST = "trust", "NHS trust"
    AMBULANCE = "ambulance", "Ambulance trust"
    ICB = "icb", "Integrated care board"
    COUNCIL = "council", "Council"
    PRACTICE = "practice", "GP practice"
    CHARITY = "charity", "Charity"
    POLICE = "police", "Police"
    OTHER = "other", "Other"


# That some service works with one of these says nothing about anybody; a hospice or a refuge may.
PUBLIC_BODIES = (
    OrganisationKind.TRUST,
    OrganisationKind.AMBULANCE,
    OrganisationKind.ICB,
    OrganisationKind.COUNCIL,
)


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def to_choose_in(self, service: "Service") -> "OrganisationQuerySet":
        """Its host, its partners, the parties of its agreements, and public bodies.

        Organisations are shared by all services, so others would tell whom another service works with.
        """
        known = [service.host_id]
        for ids in (
            service.partners.values_list("organisation", flat=True),
            service.agreements.values_list("sharer", flat=True),
            service.agreements.values_list("recipient", flat=True),
        ):
            known += ids
        return self.filter(Q(kind__in=PUBLIC_BODIES) | Q(pk__in=known))


class Organisation(models.Model):
    """A trust, board, council, practice or charity. Shared by all services; holds no person."""

    name = models.CharField(max_length=200)
    # Lengths as published by the ODS: trust 3 characters, site 5, practice a letter and 5 digits.
    ods_code = models.CharField(
        "ODS code",
        max_length=8,
        null=True,
        blank=True,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9]{3,8}$", "An ODS code is 3 to 8 capital letters and digits.")],
    )
    kind = models.CharField(max_length=20, choices=OrganisationKind, default=OrganisationKind.TRUST)

    objects = OrganisationQuerySet.as_manager()

    privacy = FieldPrivacy(
        ordinary="name ods_code kind",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NeedToKnowChoice(models.TextChoices):
    SERVICE = NeedToKnow.SERVICE.value, "Everybody in the service"
    TEAM = NeedToKnow.TEAM.value, "The worker and their team"
    CASELOAD = NeedToKnow.CASELOAD.value, "The worker alone"


class ServiceQuerySet(models.QuerySet["Service"]):
    def called(self, slug: str) -> "Service":
        """The service of this short name, with its host. Raises RuleBroken, naming those there are."""
        found = self.select_related("host").filter(slug=slug).first()
        if found is None:
            known = ", ".join(self.values_list("slug", flat=True)) or "none yet"
            raise RuleBroken(f'There is no service called "{slug}". Services here: {known}.')
        return found


class Service(models.Model):
    """One HIU service: the tenant. Every sensitive row belongs to exactly one."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    host = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="hosted_services")
    need_to_know = models.CharField(
        "who opens a case without being asked why",
        max_length=10,
        choices=NeedToKnowChoice,
        default=NeedToKnowChoice.TEAM,
    )
    break_glass_hours = models.PositiveSmallIntegerField(
        "hours a record stays open to somebody who gave a reason",
        default=4,
        validators=[MinValueValidator(1), MaxValueValidator(24)],
    )

    objects = ServiceQuerySet.as_manager()

    privacy = FieldPrivacy(
        ordinary="slug name host need_to_know break_glass_hours",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(break_glass_hours__gte=1, break_glass_hours__lte=24),
                name="service_break_glass_hours",
                violation_error_message="Enter a number of hours from 1 to 24.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, on: datetime.date) -> "MembershipQuerySet":
        """Memberships that give access on that day; access ends by itself when the first last day passes."""
        lasts = Q()
        for last_day in ("ends_on", "contract_ends_on", "training_valid_to"):
            lasts &= Q(**{last_day: None}) | Q(**{f"{last_day}__gte": on})
        return self.filter(lasts, starts_on__lte=on, user__is_active=True)

    def link_workers(self) -> "MembershipQuerySet":
        """Those who carry a caseload."""
        return self.filter(role__in=[Role.LINK_WORKER, Role.HIU_LEAD])


class Membership(models.Model):
    """What one user is in one service, between two days."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=role_choices())
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    contract_ends_on = models.DateField(null=True, blank=True)
    training_valid_to = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    privacy = FieldPrivacy(
        ordinary="user service role starts_on ends_on contract_ends_on training_valid_to",
    )

    class Meta:
        ordering = ["user__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "service"], name="membership_once_per_service"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="membership_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {ROLES[Role(self.role)].display_name}"

    @property
    def access_ends(self) -> AccessEnds | None:
        """The day after which access ends by itself, and why; None when nothing ends it."""
        return last_day_of_access(
            ends_on=self.ends_on,
            contract_ends_on=self.contract_ends_on,
            training_valid_to=self.training_valid_to,
        )
