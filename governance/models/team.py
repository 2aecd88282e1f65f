import datetime

from django.db import models
from django.db.models import F, Q

from governance.models.organisation import Service
from governance.models.user import User
from governance.privacy import FieldPrivacy


class Team(models.Model):
    """Workers of a service who stand in for one another, and so know one another's cases."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=80)

    privacy = FieldPrivacy(
        ordinary="service name",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["service", "name"],
                name="team_name_once",
                violation_error_message="There is a team of this name already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TeamMemberQuerySet(models.QuerySet["TeamMember"]):
    def in_force(self, on: datetime.date) -> "TeamMemberQuerySet":
        """Those who are in a team on that day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)

    def mates_of(self, user: User, on: datetime.date) -> "TeamMemberQuerySet":
        """Everybody who shares a team with the user that day, the user included."""
        own = self.in_force(on).filter(user=user).values("team")
        return self.in_force(on).filter(team__in=own)


class TeamMember(models.Model):
    """Somebody is in a team between two days."""

    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="team_members")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = TeamMemberQuerySet.as_manager()

    privacy = FieldPrivacy(
        ordinary="service team user starts_on ends_on",
    )

    class Meta:
        ordering = ["user__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "user"], condition=Q(ends_on=None), name="team_member_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="team_member_ends_after_start",
                violation_error_message="The last day cannot be before the first.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
