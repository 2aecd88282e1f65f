from typing import cast

from django.db import models
from django.db.models import F, Q

from cohorts.pipeline.codes import Meaning, in_force
from governance.models import Service, User
from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.privacy import FieldPrivacy


class CodeMeaningQuerySet(InsertOnlyQuerySet):
    def in_force(self, code_set: str) -> "tuple[Meaning, ...]":
        """What holds of a code list, newest first, as the pipeline reads it."""
        said = cast("models.QuerySet[CodeMeaning]", self.filter(code_set=code_set))
        return in_force((row.meaning, row.is_withdrawn) for row in said)


class CodeMeaning(InsertOnlyModel):
    """What a service says one code of a national list means. A change of mind is another row."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="code_meanings")
    # A list of cohorts/pipeline/code_sets/, one of its fields, and the code as the file writes it.
    code_set = models.CharField("code list", max_length=20)
    field = models.CharField(max_length=30)
    code = models.CharField(max_length=30)
    says = models.CharField("what it says", max_length=100)
    means = models.CharField("counted as", max_length=100, blank=True)
    # Of what happened at the end: whether it is a bed in this hospital; blank is not supplied.
    admits = models.BooleanField("counts as an admission", null=True, blank=True)
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    # Taken back: what the national list says holds again.
    is_withdrawn = models.BooleanField(default=False)
    reason = models.CharField(max_length=200)
    said_at = models.DateTimeField(auto_now_add=True)
    said_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)

    objects = CodeMeaningQuerySet.as_manager()  # type: ignore[misc]

    privacy = FieldPrivacy(
        ordinary="service code_set field code says means admits first_day last_day is_withdrawn reason "
        "said_at said_by",
    )

    class Meta:
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__isnull=True)
                | Q(last_day__isnull=True)
                | Q(first_day__lte=F("last_day")),
                name="code_meaning_days",
                violation_error_message="The first day is after the last. Change one of them.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} is {self.says}"

    @property
    def meaning(self) -> Meaning:
        """As the pipeline reads it."""
        return Meaning(
            self.field, self.code, self.says, self.means, self.admits, self.first_day, self.last_day
        )
