import datetime

from django.db import models
from django.db.models import F, Q

from governance.models.organisation import Organisation, Service
from governance.privacy import FieldPrivacy, Scrub
from governance.rules import age_on


class Sex(models.TextChoices):
    FEMALE = "F", "Female"
    MALE = "M", "Male"
    OTHER = "O", "Other"


class Person(models.Model):
    """Anyone in an extract or a referral, in one service. Blank means "not supplied"."""

    # No database constraint on this and on the issuer: checked row by row they took three times as long as
    # storing half a million people. A trigger per statement checks both (migration people_point_somewhere).
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="people", db_constraint=False)
    nhs_number = models.CharField("NHS number", max_length=10, null=True, blank=True)
    # Some senders give a name of their own instead (HES, population health teams that re-identify later).
    pseudonym = models.CharField(max_length=64, null=True, blank=True)
    pseudonym_issuer = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
    )
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField("date of birth", null=True, blank=True)
    # Senders without a date of birth send an age; it is only right on the day it was true.
    stated_age = models.PositiveSmallIntegerField(null=True, blank=True)
    stated_age_on = models.DateField(null=True, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    ethnicity = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    gp_practice = models.CharField("GP practice", max_length=100, blank=True)
    communication_needs = models.CharField(max_length=1000, blank=True)
    died_on = models.DateField(null=True, blank=True)
    moved_on = models.DateField("moved out of the area on", null=True, blank=True)
    # The record that stands for this one since somebody found that both are of the same person. Set by
    # governance.actions.merge alone, which looks after it, so loads need not have it checked.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        db_constraint=False,
        db_index=False,
    )

    privacy = FieldPrivacy(
        personal={
            "nhs_number": Scrub.NHS_NUMBER,
            "pseudonym": Scrub.IDENTIFIER,
            "first_name": Scrub.FIRST_NAME,
            "last_name": Scrub.LAST_NAME,
            "birth_date": Scrub.BIRTH_DATE,
            "stated_age": Scrub.KEEP,
            "stated_age_on": Scrub.KEEP,
            "sex": Scrub.KEEP,
            "address": Scrub.ADDRESS,
            "postcode": Scrub.POSTCODE,
            "phone": Scrub.PHONE,
            "gp_practice": Scrub.BLANK,
        },
        special={"ethnicity": Scrub.KEEP, "communication_needs": Scrub.SENTENCE, "died_on": Scrub.KEEP},
        ordinary="service pseudonym_issuer moved_on merged_into",
    )

    class Meta:
        ordering = ["last_name", "first_name", "pk"]
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                fields=["service", "nhs_number"],
                condition=Q(nhs_number__isnull=False),
                name="person_nhs_number_once",
            ),
            models.UniqueConstraint(
                fields=["service", "pseudonym_issuer", "pseudonym"],
                condition=Q(pseudonym__isnull=False),
                name="person_pseudonym_once",
            ),
            models.CheckConstraint(
                condition=Q(pseudonym=None, pseudonym_issuer=None)
                | Q(pseudonym__isnull=False, pseudonym_issuer__isnull=False),
                name="person_pseudonym_has_issuer",
            ),
            models.CheckConstraint(
                condition=Q(stated_age=None, stated_age_on=None)
                | Q(stated_age__isnull=False, stated_age_on__isnull=False),
                name="person_stated_age_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(merged_into=F("pk")),
                name="person_not_merged_into_self",
            ),
        ]
        # Few people are merged, so the index of those who are costs a load nothing.
        indexes = [
            models.Index(
                fields=["merged_into"], condition=Q(merged_into__isnull=False), name="person_merged_into"
            )
        ]

    def __str__(self) -> str:
        return f"Person {self.pk}"

    @property
    def full_name(self) -> str:
        """The name as sent, or an honest stand-in where the sender gives none."""
        return f"{self.first_name} {self.last_name}".strip() or f"Name not supplied (person {self.pk})"

    @property
    def short_name(self) -> str:
        """First name and initial: what a screen in somebody's hallway may show."""
        if not self.first_name or not self.last_name:
            return self.full_name
        return f"{self.first_name} {self.last_name[0]}."

    def age_on(self, day: datetime.date) -> int | None:
        """Age in whole years on a day, or None when neither date of birth nor age was supplied."""
        return age_on(
            day, birth_date=self.birth_date, stated_age=self.stated_age, stated_age_on=self.stated_age_on
        )
