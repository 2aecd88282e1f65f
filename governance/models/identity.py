"""Two records that are of one person, and the names that somebody is found by."""

from django.db import models
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class PersonMerge(InsertOnlyModel):
    """Somebody found that two records are of the same person; the rows of one went to the other."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="person_merges")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges_away")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(special={"reason": Scrub.SENTENCE}, ordinary="service person merged by at")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Person {self.merged_id} merged into person {self.person_id}"

    @property
    def stands(self) -> bool:
        """Whether the records have not been separated again."""
        return not hasattr(self, "separation")


class MovedRow(InsertOnlyModel):
    """One row that a merge took from one record to the other; separating puts exactly these back."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="moved_rows")
    merge = models.ForeignKey(PersonMerge, on_delete=models.PROTECT, related_name="rows")
    table = models.CharField(max_length=60)
    column = models.CharField(max_length=60)
    row = models.CharField("id of the row", max_length=40)

    privacy = FieldPrivacy(ordinary="service merge table column row")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["merge", "table", "column", "row"], name="moved_row_once")
        ]

    def __str__(self) -> str:
        return f"Row {self.row} of {self.table}"


class FilledDetail(InsertOnlyModel):
    """A detail that the record lacked and took from the one merged into it."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="filled_details")
    merge = models.ForeignKey(PersonMerge, on_delete=models.PROTECT, related_name="filled")
    field = models.CharField(max_length=30)

    privacy = FieldPrivacy(ordinary="service merge field")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["merge", "field"], name="filled_detail_once")]

    def __str__(self) -> str:
        return f"{self.field} of merge {self.merge_id}"


class PersonSeparation(InsertOnlyModel):
    """Somebody found that a merge was wrong, and both records are as they were."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="person_separations")
    merge = models.OneToOneField(PersonMerge, on_delete=models.PROTECT, related_name="separation")
    reason = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(special={"reason": Scrub.SENTENCE}, ordinary="service merge by at")

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"Separation of merge {self.merge_id}"


class SearchKey(models.Model):
    """A word that somebody is found by: part of a name they have or had, or their telephone number.

    Made from the person's own row by governance.actions.search_keys, never typed; it says no more of anybody
    than that row does, or did, and stands behind the same wall.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="search_keys", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="search_keys", db_index=False)
    # In small letters without accents; "+" and the last ten digits of a telephone number.
    word = models.CharField(max_length=100)
    # How the word sounds (Metaphone); empty for a telephone number.
    sound = models.CharField(max_length=100, blank=True)
    is_former = models.BooleanField("of a name they had before", default=False)
    # What the person's row said when the keys were made (md5), so that a change shows.
    made_from = models.UUIDField()

    privacy = FieldPrivacy(
        personal={"word": Scrub.IDENTIFIER, "sound": Scrub.IDENTIFIER, "made_from": Scrub.BLANK},
        ordinary="service person is_former",
    )

    class Meta:
        ordering = ["pk"]
        verbose_name = "word to be found by"
        verbose_name_plural = "words to be found by"
        constraints = [models.UniqueConstraint(fields=["person", "word"], name="search_key_once")]
        indexes = [
            models.Index(fields=["service", "word"], include=["person"], name="search_key_word"),
            models.Index(fields=["service", "sound"], include=["person"], name="search_key_sound"),
        ]

    def __str__(self) -> str:
        return f"Search key {self.pk}"
