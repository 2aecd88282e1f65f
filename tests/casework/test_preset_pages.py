import re

import pytest
from django.urls import reverse

from casework.actions import preset as presets
from casework.presets import read
from cohorts.actions import rule as rules
from governance.roles import Role
from tests.casework.preset_files import write
from tests.factories.governance import MembershipFactory

pytestmark = pytest.mark.django_db
LIST = "casework:presets"


@pytest.fixture
def administrator(service, as_user):
    return as_user(MembershipFactory(service=service, role=Role.ADMINISTRATOR).user)


def one(name):
    return f"{reverse('casework:preset')}?name={name}"


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_list_names_every_preset_and_marks_what_is_loaded(service, administrator):
    presets.load(service=service, preset=read.load("east_kent"), by=None)
    body = words(administrator.get(reverse(LIST)))
    assert body.index("East Kent") < body.index("Blackpool")
    assert f"You have version {read.load('east_kent').version}" in body
    assert [
        read.load(n).title for n in read.names() if read.load(n).title not in body.replace("&amp;", "&")
    ] == []


def test_an_administrator_reads_what_it_brings_and_loads_it(service, administrator):
    body = words(administrator.get(one("starter_pack")))
    assert "the first 250" in body
    assert "What it cannot bring yet" in body
    response = administrator.post(one("starter_pack"), follow=True)
    assert "5 new, 0 changed" in words(response)
    assert service.preset_loads.get().loaded_by is not None
    assert "There is nothing to load" in words(administrator.get(one("starter_pack")))


def test_the_page_says_in_words_what_a_newer_version_changes(service, administrator, folder):
    presets.load(service=service, preset=read.load("two"), by=None)
    write(folder, version=2, first=">=7", target=40)
    assert "Newer version" in words(administrator.get(reverse(LIST)))
    body = words(administrator.get(one("two")))
    assert "Until now: First: People of any age with more than 5" in body
    assert "From now on: First: People of any age with at least 7" in body
    assert "Until now: 1 New clients: 30" in body
    administrator.post(one("two"))
    assert service.preset_loads.count() == 2


def test_what_the_service_changed_is_replaced_only_by_a_tick(service, administrator, folder):
    presets.load(service=service, preset=read.load("two"), by=None)
    rules.save(service=service, slug="first", title="First", count=9, window_months=12, min_age=None, by=None)
    body = words(administrator.get(one("two")))
    assert "Yours: First: People of any age with at least 9" in body
    administrator.post(one("two"))
    assert service.cohort_rules.newest().get(slug="first").count == 9
    administrator.post(one("two"), {"replace": "on"})
    assert service.cohort_rules.newest().get(slug="first").count == 5


def test_a_name_that_is_none_is_not_found(administrator):
    assert administrator.get(one("wonderland")).status_code == 404
    for method in (administrator.get, administrator.post):
        assert method(reverse("casework:preset"))["Location"] == reverse(LIST)


def test_a_file_older_than_what_is_loaded_is_said(service, administrator, folder):
    write(folder, version=2)
    presets.load(service=service, preset=read.load("two"), by=None)
    write(folder, version=1)
    assert "which is newer" in words(administrator.get(one("two"), follow=True))


def test_a_lead_reads_why_not(lead, as_user):
    assert as_user(lead).get(reverse(LIST)).status_code == 403
