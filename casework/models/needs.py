"""What a client needs in a worker, and what a worker brings."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from casework.allocation.weights import TRAVEL_LABELS
from casework.models.case import Case
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class Gender(models.TextChoices):
    WOMAN = "woman", "A woman"
    MAN = "man", "A man"


class Skill(models.TextChoices):
    ALCOHOL = "alcohol", "Alcohol and drugs"
    MIND = "mind", "Mental health"
    TRAUMA = "trauma", "Trauma and abuse"
    HOUSING = "housing", "Housing"
    MONEY = "money", "Money and benefits"
    PAIN = "pain", "Pain and long illness"
    AGE = "age", "Older people"
    LEARNING = "learning", "Learning disability and autism"


TRAVELS = [(level.value, label) for level, label in TRAVEL_LABELS.items()]


class CaseNeeds(InsertOnlyModel):
    """What a client needs in a worker, and the way there. The newest row stands; the case repeats its way."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="case_needs")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="needs")
    travel = models.CharField("the way there", max_length=12, choices=TRAVELS, blank=True)
    language = models.CharField(max_length=40, blank=True)
    gender = models.CharField("gender of the worker", max_length=6, choices=Gender, blank=True)
    skills = ArrayField(models.CharField(max_length=12, choices=Skill), default=list, blank=True)
    area = models.CharField(max_length=60, blank=True)
    two = models.BooleanField("visited by two", default=False)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        personal={"area": Scrub.ADDRESS},
        special={
            "language": Scrub.KEEP,
            "gender": Scrub.KEEP,
            "skills": Scrub.KEEP,
            "two": Scrub.KEEP,
        },
        ordinary="service case travel by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "needs of a client"
        indexes = [models.Index(fields=["case", "-at"], name="case_needs_newest")]

    def __str__(self) -> str:
        return f"Needs, {self.case}"


class WorkerProfile(InsertOnlyModel):
    """What a worker brings to a client. The newest row of a worker stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="worker_profiles")
    worker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    languages = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    gender = models.CharField(max_length=6, choices=Gender, blank=True)
    skills = ArrayField(models.CharField(max_length=12, choices=Skill), default=list, blank=True)
    areas = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        personal={"languages": Scrub.KEEP, "gender": Scrub.KEEP},
        ordinary="service worker skills areas by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"What {self.worker} brings"
