"""Rows that came without a usable NHS number, what they can be matched by, and what people decided."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from cohorts.models.extract import Extract
from cohorts.models.source import Source
from governance.models import Organisation, Person, Service, Sex, User
from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class LocalNumber(models.Model):
    """An organisation's own number of a person, learnt from a row that had their NHS number as well."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="local_numbers")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    number = models.CharField("local number", max_length=64)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="local_numbers")
    # Who learnt it: an extract, or the decision that two are the same person.
    extract = models.ForeignKey(
        Extract, on_delete=models.PROTECT, null=True, blank=True, related_name="local_numbers"
    )

    privacy = FieldPrivacy(personal={"number": Scrub.IDENTIFIER}, ordinary="service issuer person extract")

    class Meta:
        ordering = ["pk"]
        constraints = [
            # A trust may give one number to two people by mistake; then it tells nothing.
            models.UniqueConstraint(
                fields=["service", "issuer", "number", "person"], name="local_number_once_per_person"
            )
        ]

    def __str__(self) -> str:
        return f"Local number of person {self.person_id}"


class UnmatchedRowQuerySet(models.QuerySet["UnmatchedRow"]):
    def waiting(self) -> "UnmatchedRowQuerySet":
        """Rows that nobody has been found for."""
        return self.filter(person=None)


class UnmatchedRow(models.Model):
    """A row of an extract without a usable NHS number: turned away, and kept until it is known whose it is."""

    # Behind the same wall as people, though it may be nobody's yet.
    describes_people = True

    # md5 of the source, of whom the row describes and of its event, so that the same row again meets itself.
    id = models.UUIDField(primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="unmatched_rows")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="unmatched_rows")
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="unmatched_rows")
    row = models.PositiveIntegerField("row of the file")
    problem = models.CharField(max_length=40)
    # The same for all rows that describe the same somebody; a hash of the local number or of the details.
    handle = models.CharField(max_length=32)
    local_number = models.CharField(max_length=64, blank=True)
    # The number that was sent, where it has ten digits and a wrong check digit.
    sent_number = models.CharField("number that was sent", max_length=10, blank=True)
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    birth_date = models.DateField("date of birth", null=True, blank=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    # What the row says besides, by column, ready to be stored.
    content = models.JSONField()
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="unmatched_rows"
    )
    matched_at = models.DateTimeField(null=True, blank=True)
    # Nobody, where the local number said who it is.
    matched_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The extract that taught the local number by which it was matched; when that is undone, the row waits again.
    matched_through = models.ForeignKey(
        Extract, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # The event that was added as it; none where that was there already, and none of counts.
    event = models.UUIDField(null=True, blank=True)

    objects = UnmatchedRowQuerySet.as_manager()

    privacy = FieldPrivacy(
        personal={
            "handle": Scrub.IDENTIFIER,
            "local_number": Scrub.IDENTIFIER,
            "sent_number": Scrub.IDENTIFIER,
            "first_name": Scrub.FIRST_NAME,
            "last_name": Scrub.LAST_NAME,
            "birth_date": Scrub.BIRTH_DATE,
            "sex": Scrub.KEEP,
            "postcode": Scrub.POSTCODE,
        },
        special={"content": Scrub.BLANK},
        ordinary="service source extract row problem person matched_at matched_by matched_through event",
    )

    class Meta:
        ordering = ["extract", "row"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, matched_at=None) | Q(person__isnull=False, matched_at__isnull=False),
                name="unmatched_row_matched_has_time",
            )
        ]
        indexes = [models.Index(fields=["service", "handle"], name="unmatched_row_handle")]

    def __str__(self) -> str:
        return f"Row {self.row} of extract {self.extract_id}"


class SameAnswer(models.TextChoices):
    SAME = "same", "The same person"
    NEW = "new", "A new person, made of these rows"
    DIFFERENT = "different", "Different people"
    LATER = "later", "Decide later"


class SameDecision(InsertOnlyModel):
    """Somebody decided whether two are the same person. "Different" holds for good: nobody is asked again.

    The other one is a record, or whoever unmatched rows describe. A decision about rows is taken back by
    "different", said later of the same two, and why.
    """

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="same_decisions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="same_decisions")
    other = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="same_decisions_as_other"
    )
    handle = models.CharField("handle of unmatched rows", max_length=32, blank=True)
    answer = models.CharField(max_length=10, choices=SameAnswer)
    # What spoke for and against it then, in words that name nobody.
    reasons = models.JSONField(default=list)
    why = models.CharField("why a decision is taken back", max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    privacy = FieldPrivacy(
        personal={"handle": Scrub.IDENTIFIER, "reasons": Scrub.BLANK},
        special={"why": Scrub.SENTENCE},
        ordinary="service person other answer by at",
    )

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(other=None) & ~Q(handle="") | Q(other__isnull=False, handle=""),
                name="same_decision_of_record_or_rows",
            )
        ]
        indexes = [models.Index(fields=["service", "handle"], name="same_decision_handle")]

    def __str__(self) -> str:
        return f"{self.get_answer_display()}: person {self.person_id}"
