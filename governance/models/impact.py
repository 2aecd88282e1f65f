from django.db import models
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class ImpactKind(models.TextChoices):
    """The name is that of the file in governance/checklists with its questions."""

    DPIA = "dpia", "Data protection impact assessment"
    EQUALITY = "equality", "Equality impact assessment"


class ImpactAssessment(models.Model):
    """An assessment of what the work does to people: questions from a file, answers as rows."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="impact_assessments")
    kind = models.CharField(max_length=10, choices=ImpactKind)
    title = models.CharField(max_length=200)
    started_at = models.DateTimeField(default=timezone.now)
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(ordinary="service kind title started_at started_by")

    class Meta:
        ordering = ["kind", "title", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["service", "kind", "title"], name="impact_title_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.title}"


class ImpactVersion(InsertOnlyModel):
    """One round of an assessment. It begins with the answers of the round before it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="impact_versions")
    assessment = models.ForeignKey(ImpactAssessment, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    # Which edition of the questions was asked.
    edition = models.PositiveSmallIntegerField()
    why = models.CharField("why it was looked at again", max_length=300, blank=True)
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(ordinary="service assessment number edition why begun_at begun_by")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "number"], name="impact_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.assessment}, version {self.number}"

    def standing(self) -> "dict[str, ImpactAnswer]":
        """The answer that stands for each question: this version's own, or that of one before it."""
        rows = ImpactAnswer.objects.filter(
            version__assessment=self.assessment_id, version__number__lte=self.number
        )
        newest = rows.select_related("by").order_by("question", "-version__number", "-at", "-pk")
        return {row.question: row for row in newest.distinct("question")}


class ImpactAnswer(InsertOnlyModel):
    """What somebody answered to one question; the newest row of a question stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="impact_answers")
    version = models.ForeignKey(ImpactVersion, on_delete=models.PROTECT, related_name="answers")
    question = models.CharField(max_length=40)
    # The question as it read, so that an old version prints as it was.
    asked = models.CharField(max_length=300)
    choice = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        # Nobody should name a person here, but somebody may.
        personal={"text": Scrub.SENTENCE},
        ordinary="service version question asked choice at by",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["version", "question", "-at"], name="impact_answer_latest")]

    def __str__(self) -> str:
        return self.question


class ImpactSignOff(InsertOnlyModel):
    """Somebody stands for one version of an assessment, which nobody changes from then on."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="impact_sign_offs")
    version = models.OneToOneField(ImpactVersion, on_delete=models.PROTECT, related_name="sign_off")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    signed_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        personal={"name": Scrub.FULL_NAME},
        ordinary="service version role signed_on recorded_at recorded_by",
    )

    class Meta:
        ordering = ["-signed_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.version}, signed by {self.role}"
