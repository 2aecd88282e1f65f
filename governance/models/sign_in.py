from django.db import models

from governance.models.user import User
from governance.privacy import FieldPrivacy, Scrub


class SignIn(models.Model):
    """One session of one person, so that they can see where they are signed in and end the others."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=60)
    started_at = models.DateTimeField(auto_now_add=True)

    privacy = FieldPrivacy(
        personal={"session_key": Scrub.SECRET},
        ordinary="user device started_at",
    )

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return self.device
