from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.areas.editions import Kind
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy

PUBLIC = "published figures of areas, the same for every service"


class ReferenceKind(models.TextChoices):
    IMD_2019 = Kind.IMD_2019.value, "IMD 2019, by LSOA of 2011"
    IMD_2025 = Kind.IMD_2025.value, "IMD 2025, by LSOA of 2021"
    POSTCODES = Kind.POSTCODES.value, "Postcodes and their LSOA"


class ReferenceFile(InsertOnlyModel):
    """A published file that was loaded. The newest of a kind has its rows below; the others had."""

    open_to_all: ClassVar[str] = PUBLIC

    kind = models.CharField(max_length=10, choices=ReferenceKind)
    source = models.CharField(max_length=300)
    year = models.PositiveSmallIntegerField("year it was published for", null=True, blank=True)
    licence = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField()
    # The census years of its areas.
    areas_of = models.CharField(max_length=10)
    loaded_at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(ordinary="kind source year licence sha256 rows areas_of loaded_at")

    class Meta:
        ordering = ["-loaded_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, loaded {self.loaded_at:%-d %B %Y}"


class AreaDecile(models.Model):
    """How deprived an area is by one edition: decile 1 is the most deprived tenth."""

    open_to_all: ClassVar[str] = PUBLIC
    noted_by = "file"

    file = models.ForeignKey(ReferenceFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    edition = models.CharField(max_length=10, choices=ReferenceKind)
    area = models.CharField("LSOA", max_length=9)
    decile = models.PositiveSmallIntegerField()

    privacy = FieldPrivacy(ordinary="file edition area decile")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "area"], name="area_decile_once"),
            models.CheckConstraint(condition=Q(decile__gte=1, decile__lte=10), name="area_decile_of_ten"),
        ]

    def __str__(self) -> str:
        return f"{self.area}: {self.get_edition_display()}, decile {self.decile}"


class PostcodeArea(models.Model):
    """The areas a postcode lies in, of each census that the file says; written without spaces."""

    open_to_all: ClassVar[str] = PUBLIC
    noted_by = "file"

    postcode = models.CharField(max_length=7, primary_key=True)
    file = models.ForeignKey(ReferenceFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    area_2011 = models.CharField("LSOA of 2011", max_length=9, null=True, blank=True)
    area_2021 = models.CharField("LSOA of 2021", max_length=9, null=True, blank=True)

    privacy = FieldPrivacy(ordinary="file area_2011 area_2021")

    def __str__(self) -> str:
        return self.postcode
