"""Every field of every model of ours has been decided on: personal, special category or ordinary."""

import pytest
from django.apps import apps

APPS = {"governance", "cohorts", "casework", "evaluation"}
MODELS = [m for m in apps.get_models() if m._meta.app_label in APPS]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_every_field_is_classified_once(model):
    privacy = model.privacy
    named = [*privacy.personal, *privacy.special, *privacy.ordinary.split()]
    fields = {f.name for f in model._meta.local_concrete_fields if not f.primary_key}
    assert sorted(named) == sorted(fields)


def test_a_field_nobody_decided_on_has_no_class():
    from governance.models import Person

    assert Person.privacy.class_of("favourite_colour") is None
    assert Person.privacy.class_of("ethnicity") == "special"
