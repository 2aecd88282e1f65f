from django.apps import apps
from django.db import models

from governance.models.insert_only import InsertOnlyModel
from governance.privacy import FieldPrivacy, Scrub


class AuditChain(models.Model):
    """The head of one chain: locking this row puts the writers of a service in line.

    The head also remembers how long the chain is, so that cutting off its end is noticed.
    """

    # 0 is the chain of events that belong to no service.
    service_id = models.BigIntegerField(primary_key=True)
    last_number = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default="")

    privacy = FieldPrivacy(
        ordinary="last_number last_hash",
    )

    def __str__(self) -> str:
        return f"Chain of service {self.service_id}"


class AuditEvent(InsertOnlyModel):
    """Something somebody did. Labels and ids only, so that it outlives what it describes."""

    chain_id = models.BigIntegerField()
    number = models.BigIntegerField()
    at = models.DateTimeField()
    event = models.CharField(max_length=60)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=254)
    target = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    changes = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    privacy = FieldPrivacy(
        personal={"actor": Scrub.EMAIL},
        ordinary="chain_id number at event actor_id target target_id changes previous_hash hash",
    )

    class Meta:
        ordering = ["chain_id", "number"]
        constraints = [models.UniqueConstraint(fields=["chain_id", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["chain_id", "-at"], name="audit_newest"),
            models.Index(fields=["target", "target_id"], name="audit_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.target} {self.target_id}".strip()

    @property
    def in_words(self) -> str:
        """ "case_opened" as people say it: "Case opened"."""
        return self.event.replace("_", " ").capitalize()

    @property
    def target_in_words(self) -> str:
        """What kind of thing it was done to, and its number; never a name."""
        if not self.target:
            return ""
        kind = apps.get_model(self.target)._meta.verbose_name
        return f"{kind} {self.target_id}".capitalize()
