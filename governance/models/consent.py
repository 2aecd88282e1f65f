from django.db import models

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class ConsentScope(models.TextChoices):
    SUPPORT = "support", "Support from this service"
    SHARE_GP = "share_gp", "Sharing with the GP practice"
    SHARE_TRUST = "share_trust", "Sharing with the hospital"
    SHARE_COUNCIL = "share_council", "Sharing with the council"
    EVALUATION = "evaluation", "Use of attendance figures in evaluation"


class ConsentDecision(models.TextChoices):
    GIVEN = "given", "Said yes"
    REFUSED = "refused", "Said no"
    WITHDRAWN = "withdrawn", "Took it back"


class ConsentMethod(models.TextChoices):
    SPOKEN = "spoken", "Spoken"
    PHONE = "phone", "By phone"
    WRITTEN = "written", "In writing"


class Consent(InsertOnlyModel):
    """A person's decision on one scope. The newest row of a scope stands; no row is ever edited."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    scope = models.CharField(max_length=20, choices=ConsentScope)
    decision = models.CharField(max_length=10, choices=ConsentDecision)
    method = models.CharField(max_length=10, choices=ConsentMethod)
    words = models.CharField("what the person said", max_length=500, blank=True)
    decided_at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        special={"words": Scrub.SENTENCE},
        ordinary="service person scope decision method decided_at by",
    )

    class Meta:
        ordering = ["-decided_at", "-pk"]
        indexes = [models.Index(fields=["person", "scope", "-decided_at"], name="consent_latest")]

    def __str__(self) -> str:
        return f"{self.get_scope_display()}: {self.get_decision_display()}"
