from django import forms

from governance.models import Organisation, OrganisationKind

ODS_CODE = Organisation._meta.get_field("ods_code")


class PartnerForm(forms.Form):
    """An organisation that information may be shared with."""

    name = forms.CharField(
        label="Name of the organisation",
        max_length=200,
        help_text="As the person would know it. For example, Mill Road Surgery.",
        error_messages={
            "required": "Enter the name of the organisation.",
            "max_length": "The name is too long. Shorten it to 200 characters.",
        },
    )
    kind = forms.ChoiceField(
        label="What kind of organisation is it?",
        choices=OrganisationKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of organisation it is."},
    )
    ods_code = forms.CharField(
        label="ODS code (optional)", max_length=8, required=False, validators=ODS_CODE.validators
    )
    send_to = forms.CharField(
        label="Where information goes (optional)",
        max_length=200,
        required=False,
        help_text="A secure mailbox, or who to ask for on the phone. Workers read it when they share.",
        error_messages={"max_length": "This is too long. Shorten it to 200 characters."},
    )

    def clean_ods_code(self) -> str:
        """Codes are typed in either case."""
        code: str = self.cleaned_data["ods_code"]
        return code.strip()
