from django.db import models
from django.db.models import Exists, OuterRef
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel, InsertOnlyQuerySet
from governance.models.organisation import Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class SealQuerySet(InsertOnlyQuerySet):
    def standing(self) -> "SealQuerySet":
        """The seals in force: the newest row of their person, and not one that lifts a seal."""
        later = Seal.objects.filter(person=OuterRef("person"), pk__gt=OuterRef("pk"))
        return self.filter(~Exists(later), sealed=True)

    def hiding_from(self, user: User) -> "SealQuerySet":
        """The seals in force that do not name the user."""
        return self.standing().exclude(names__user=user)


class Seal(InsertOnlyModel):
    """A person's record was sealed, or the seal was lifted. The newest row of a person stands."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="seals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="seals")
    sealed = models.BooleanField()
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = SealQuerySet.as_manager()  # type: ignore[misc]  # the base has one of its own

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service person sealed by at",
    )

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Record of {self.person} {'sealed' if self.sealed else 'unsealed'}"


class SealName(InsertOnlyModel):
    """Somebody who opens a sealed record, by name."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="seal_names")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="names")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service seal user",
    )

    class Meta:
        ordering = ["user__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["seal", "user"], name="seal_names_once")]

    def __str__(self) -> str:
        return f"{self.user} on {self.seal}"
