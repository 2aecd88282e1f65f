from django.apps import apps
from django.contrib.postgres.fields import ArrayField
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
    # Of chain 0 only: every transaction before this one has its changes sealed (audit.seal_the_rest).
    swept_to = models.BigIntegerField(default=0)

    privacy = FieldPrivacy(
        ordinary="last_number last_hash swept_to",
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
    # The changes of rows this event answers for: those of these transactions between the two ids.
    transactions = ArrayField(models.BigIntegerField(), default=list)
    changes_first = models.BigIntegerField(null=True)
    changes_last = models.BigIntegerField(null=True)
    changes_hash = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    privacy = FieldPrivacy(
        personal={"actor": Scrub.EMAIL},
        ordinary="chain_id number at event actor_id target target_id changes transactions changes_first "
        "changes_last changes_hash previous_hash hash",
    )

    class Meta:
        ordering = ["chain_id", "number"]
        constraints = [models.UniqueConstraint(fields=["chain_id", "number"], name="audit_number_once")]
        indexes = [
            models.Index(fields=["chain_id", "-at"], name="audit_newest"),
            models.Index(fields=["target", "target_id"], name="audit_of_target"),
            # What a transaction has sealed already is asked with every event.
            models.Index(fields=["transactions", "changes_last"], name="audit_sealed"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.target} {self.target_id}".strip()

    @property
    def in_words(self) -> str:
        """ "case_opened" as people say it: "Case opened"."""
        return self.event.replace("_", " ").capitalize()

    @property
    def target_in_words(self) -> str:
        """What kind of thing it was done to, and its number; a name of staff alone, where `audit.listed` has it."""
        if not self.target:
            return ""
        if whom := getattr(self, "whom", None):
            return str(whom)
        kind = apps.get_model(self.target)._meta.verbose_name
        return f"{kind} {self.target_id}".capitalize()


class Operation(models.TextChoices):
    INSERT = "I", "Added"
    UPDATE = "U", "Changed"
    DELETE = "D", "Deleted"
    TRUNCATE = "T", "Emptied"
    BASELINE = "B", "As it stood"


class RowChange(InsertOnlyModel):
    """What a statement did to rows of one table: written by the database itself, whoever asked it to.

    A few rows are noted one by one, with old and new values of ordinary columns (never of personal or special
    ones); many rows of a statement together, with the digest of each; bulk tables by group, with a sum
    of digests. See governance/database/changes.sql.
    """

    at = models.DateTimeField()
    transaction = models.BigIntegerField()
    table = models.CharField(max_length=63)
    operation = models.CharField(max_length=1, choices=Operation)
    service_id = models.BigIntegerField(null=True)
    # The row's own key; of a bulk table the key of its group, such as the extract.
    key = models.CharField(max_length=64, blank=True)
    rows = models.IntegerField()
    changes = models.JSONField(null=True)
    digest = models.BinaryField(null=True)
    keys = ArrayField(models.CharField(max_length=64), null=True)
    digests = ArrayField(models.BinaryField(null=True), null=True)
    # Of bulk tables: the sum of the digests that came, less those that went.
    balance = models.DecimalField(max_digits=40, decimal_places=0, null=True)
    role = models.CharField("database role", max_length=63)
    actor = models.CharField(max_length=40, blank=True)
    request = models.CharField(max_length=200, blank=True)

    privacy = FieldPrivacy(
        ordinary="at transaction table operation service_id key rows changes digest keys digests balance role "
        "actor request"
    )

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["transaction", "id"], name="change_transaction"),
            models.Index(fields=["table", "key"], name="change_of_row"),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}: {self.table} {self.key or self.rows}"
