"""Data migrations, tried with rows present."""

import importlib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from governance.models import Agreement
from tests.factories.governance import OrganisationFactory

pytestmark = pytest.mark.django_db
MIGRATIONS = Path(__file__).resolve().parents[2] / "governance/migrations"


def test_what_an_agreement_says_becomes_its_first_version(service):
    agreement = Agreement.objects.create(
        service=service, title="Old", sharer=OrganisationFactory(), recipient=service.host, purpose="Support",
        allowed_fields=["age"], threshold=5, threshold_months=12, top_n=250, valid_from="2020-01-01",
    )  # fmt: skip
    (path,) = MIGRATIONS.glob("*_agreement_terms_assessments_set_up.py")
    migration = importlib.import_module(f"governance.migrations.{path.stem}")
    with connection.schema_editor() as editor:
        migration.write_first_versions(apps, editor)
    version = agreement.versions.get()
    assert (version.number, version.allowed_fields, version.top_n) == (1, ["age"], 250)
    agreement.refresh_from_db()
    assert agreement.acting == version
    assert agreement.problem_on(version.valid_from) is None
