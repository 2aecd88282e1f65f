from django.db import models
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy


class PartKind(models.TextChoices):
    """Values are the headings of a preset's file."""

    RULE = "rule", "Rule of the list"
    INSTRUMENT = "instrument", "Instrument"
    AGREEMENT = "agreement", "Template of the agreement"
    SOURCES = "sources", "Sources"
    TIERS = "tiers", "Tiers"
    KPIS = "kpis", "Targets"
    CASELOAD = "caseload", "Caseload"
    SUPPORT = "support", "First contact and length of support"
    RETENTION = "retention", "How long to keep"


class PresetLoad(InsertOnlyModel):
    """A service took over a version of a preset. The newest row of a preset stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="preset_loads")
    preset = models.SlugField()
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField(default=timezone.now)
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(ordinary="service preset version sha256 loaded_at loaded_by")

    class Meta:
        ordering = ["-loaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["service", "preset", "version"], name="preset_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.preset}, version {self.version}"


class PresetPart(InsertOnlyModel):
    """What a preset says of one thing, as this service took it over. The newest row of a part stands.

    Rules and instruments became rows of their own; tiers, targets and the rest are kept here as data
    until something reads them.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="preset_parts")
    preset = models.SlugField()
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=PartKind)
    key = models.SlugField(blank=True)
    content = models.JSONField()
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    privacy = FieldPrivacy(ordinary="service preset version kind key content added_at added_by")

    class Meta:
        ordering = ["preset", "kind", "key", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "preset", "kind", "key", "version"], name="preset_part_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.preset}, {self.get_kind_display().lower()} {self.key}".strip()
