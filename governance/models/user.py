from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from governance.privacy import FieldPrivacy, Scrub


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A member of staff who signs in by e-mail; without a password they cannot sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """Somebody who signs in. What they may do comes from their memberships, never from here."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    # Somebody else saw it when it was made, so it gives way to one's own before anything else.
    has_first_password = models.BooleanField(default=False)
    # Part of what every session of this person stands on: counting up ends them all.
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    privacy = FieldPrivacy(
        personal={"email": Scrub.EMAIL, "name": Scrub.FULL_NAME, "password": Scrub.SECRET},
        ordinary="last_login is_active joined_at has_first_password session_epoch",
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            # Kept in small letters, so that unique means unique in any case.
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_small_letters")
        ]

    def __str__(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What Django compares on every request, also with the secrets of before."""
        stands_on = f"{self.password} {self.session_epoch}"
        return salted_hmac(
            "governance.models.user.User", stands_on, secret=secret, algorithm="sha256"
        ).hexdigest()
