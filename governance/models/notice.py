from django.db import models
from django.utils import timezone

from governance.models.insert_only import InsertOnlyModel
from governance.models.organisation import Service
from governance.models.person import Person
from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class NoticeChannel(models.TextChoices):
    READ_OUT = "read_out", "Read out, on the phone or in person"
    HANDED_OVER = "handed_over", "Handed over"
    POSTED = "posted", "Posted"
    TEXTED = "texted", "Sent as a text message with a link"


class PrivacyNotice(InsertOnlyModel):
    """One version of what people are told about the use of their information (UK GDPR, Article 14)."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="privacy_notices")
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    easy_read = models.TextField("easy-read text")
    # Where it stands on the web, for a text message.
    link = models.URLField(blank=True)
    published_on = models.DateField("in use from")
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        ordinary="service version text easy_read link published_on published_at published_by",
    )

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["service", "version"], name="notice_version_once")]

    def __str__(self) -> str:
        return f"Privacy notice, version {self.version}"


class NoticeGiven(InsertOnlyModel):
    """A person was told how their information is used: which version, how, and what they asked."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="notices_given")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notices_given")
    notice = models.ForeignKey(PrivacyNotice, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=12, choices=NoticeChannel)
    is_easy_read = models.BooleanField("the easy-read version", default=False)
    question = models.CharField("what the person asked", max_length=500, blank=True)
    answer = models.CharField("what was answered", max_length=500, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        special={"question": Scrub.SENTENCE, "answer": Scrub.SENTENCE},
        ordinary="service person notice channel is_easy_read given_at given_by",
    )

    class Meta:
        ordering = ["-given_at", "-pk"]
        verbose_name_plural = "notices given"

    def __str__(self) -> str:
        return f"{self.get_channel_display()}, version {self.notice.version}"


class NoticeDelay(InsertOnlyModel):
    """Why somebody who was reached was not told yet. The next contact asks again."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="notice_delays")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="notice_delays")
    reason = models.CharField(max_length=300)
    noted_at = models.DateTimeField(default=timezone.now)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    privacy = FieldPrivacy(
        special={"reason": Scrub.SENTENCE},
        ordinary="service person noted_at noted_by",
    )

    class Meta:
        ordering = ["-noted_at", "-pk"]

    def __str__(self) -> str:
        return f"Not told on {self.noted_at:%-d %B %Y}"
