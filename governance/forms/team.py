from collections.abc import Sequence
from typing import Any

from django import forms

from governance.models import Service, Team, User
from governance.models.organisation import NeedToKnowChoice


class NeedToKnowForm(forms.ModelForm):
    """Who opens a case without being asked why."""

    class Meta:
        model = Service
        fields = ("need_to_know", "break_glass_hours")
        labels = {
            "need_to_know": "Who opens a case without being asked why?",
            "break_glass_hours": "For how many hours does a reason hold?",
        }
        help_texts = {
            "need_to_know": "Leads open every case. Nobody opens a sealed one who is not named on it."
        }
        widgets = {"need_to_know": forms.RadioSelect}
        error_messages = {
            "need_to_know": {
                "required": "Choose who opens a case without being asked why.",
                "invalid_choice": "Choose who opens a case without being asked why.",
            },
            "break_glass_hours": {
                "required": "Enter a number of hours from 1 to 24.",
                "invalid": "Enter a number of hours from 1 to 24.",
                "min_value": "Enter a number of hours from 1 to 24.",
                "max_value": "Enter a number of hours from 1 to 24.",
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["need_to_know"].choices = NeedToKnowChoice.choices  # type: ignore[attr-defined]


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(
        label="Name of the new team",
        max_length=80,
        error_messages={
            "required": "Enter a name for the team.",
            "max_length": "The name is too long. Shorten it to 80 characters.",
        },
    )


class JoinForm(forms.Form):
    """Somebody joins a team."""

    team = forms.ChoiceField(
        error_messages={"required": "Choose a team.", "invalid_choice": "Choose a team."}
    )
    user = forms.ChoiceField(
        label="Who joins it?",
        error_messages={"required": "Choose who joins.", "invalid_choice": "Choose who joins."},
    )

    def __init__(self, *args: Any, teams: Sequence[Team], workers: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams = {str(team.pk): team for team in teams}
        self.workers = {str(user.pk): user for user in workers}
        self.fields["team"].choices = [(pk, team.name) for pk, team in self.teams.items()]  # type: ignore[attr-defined]
        self.fields["user"].choices = [(pk, user.name) for pk, user in self.workers.items()]  # type: ignore[attr-defined]

    @property
    def told(self) -> dict[str, Any]:
        """The team and the worker chosen."""
        chosen = self.cleaned_data
        return {"team": self.teams[chosen["team"]], "user": self.workers[chosen["user"]]}
