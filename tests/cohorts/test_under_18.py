"""Lists that can take people under 18: what they need, what is said where it lacks, and that adults' need nothing."""

import datetime
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from casework.actions import preset as presets
from casework.presets import read
from cohorts.actions import cohort_list as lists
from cohorts.lists import under_18
from cohorts.models import CohortList
from cohorts.rules import Terms, takes_under_18s
from governance.actions import safeguarding
from governance.models import SafeguardingLead
from governance.rules import RuleBroken
from tests.cohorts.test_lists import rule_form
from tests.factories.cohorts import CohortRuleFactory, SourceFactory
from tests.factories.governance import AgreementFactory, PersonFactory

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 6, 30)
NO_AGREEMENT = "about adults only"
NO_LEAD = "has no safeguarding lead"


@pytest.fixture
def source(service):
    return SourceFactory(service=service, name="Children's A&E", agreement__title="Children")


def allow(source):
    source.agreement.age_group = "under_18"
    source.agreement.save()


def name_lead(service, by, ends_on=None):
    told = {"name": "Nora Nurse", "role": "Named nurse", "contact": "01632 960001"}
    return safeguarding.name_lead(service=service, ends_on=ends_on, by=by, **told)


def build(service, **terms):
    rule = CohortRuleFactory(service=service, **terms)
    return lists.build(service=service, rule=rule, as_at=DAY, by=None)


@pytest.mark.parametrize(
    "ages, expected",
    [((None, None), True), ((17, None), True), ((0, 17), True), ((18, None), False), ((18, 25), False)],
)
def test_which_rules_take_people_under_18(ages, expected):
    assert takes_under_18s(Terms(5, min_age=ages[0], max_age=ages[1])) is expected


@pytest.mark.parametrize("min_age", [None, 13])
def test_a_list_needs_both_and_says_what_lacks_and_where_it_is_added(service, source, lead, min_age):
    with pytest.raises(RuleBroken, match="safeguarding lead") as refused:
        build(service, min_age=min_age)
    assert "A&E attendances from Children's A&E, whose agreement is about adults only: “Children”." in str(
        refused.value
    )
    assert "“Of which ages?”" in str(refused.value)
    assert "Members, “Safeguarding lead”" in str(refused.value)
    allow(source)
    with pytest.raises(RuleBroken, match=NO_LEAD) as refused:
        build(service, min_age=min_age)
    assert NO_AGREEMENT not in str(refused.value)
    name_lead(service, lead)
    assert build(service, min_age=min_age).pk
    assert CohortList.objects.count() == 1


def test_the_agreement_alone_is_said_where_there_is_a_lead(service, source, lead):
    name_lead(service, lead)
    with pytest.raises(RuleBroken, match=NO_AGREEMENT) as refused:
        build(service, min_age=None)
    assert NO_LEAD not in str(refused.value)


def test_a_list_of_adults_needs_neither(service, source):
    assert build(service, min_age=18).pk


def test_every_source_it_counts_from_needs_such_an_agreement(service, source, lead):
    allow(source)
    name_lead(service, lead)
    other = SourceFactory(
        service=service, name="Second hospital", agreement=AgreementFactory(service=service)
    )
    with pytest.raises(RuleBroken, match="Second hospital") as refused:
        build(service, min_age=None)
    assert "Children's A&E" not in str(refused.value)
    other.measure = "nel"
    other.save()
    assert build(service, min_age=None).pk
    with pytest.raises(RuleBroken, match="Second hospital"):
        build(service, min_age=None, min_admissions=2)


def test_where_no_source_counts_it_none_is_about_young_people(service, lead):
    name_lead(service, lead)
    assert "No source sends 999 calls" in " ".join(under_18.lacks(service, Terms(5, measure="call_999"), DAY))


def test_another_services_agreement_and_lead_do_not_help(service, neighbour, source, lead):
    allow(SourceFactory(service=neighbour))
    name_lead(neighbour, lead)
    with pytest.raises(RuleBroken, match=NO_AGREEMENT):
        build(service, min_age=None)


def test_a_lead_whose_last_day_has_passed_is_none(service, source, lead):
    allow(source)
    SafeguardingLead.objects.create(
        service=service, name="N", role="R", contact="C", named_by=lead, ends_on=DAY
    )
    assert under_18.lacks(service, Terms(5), DAY) == []
    assert NO_LEAD in " ".join(under_18.lacks(service, Terms(5), DAY + datetime.timedelta(days=1)))


def test_the_pages_say_it_and_build_nothing(as_user, service, source, lead):
    rule = CohortRuleFactory(service=service, min_age=None)
    client = as_user(lead)
    page = client.get(reverse("cohorts:rule", args=[rule.pk])).content.decode()
    assert NO_LEAD in page
    assert "Build a list with this rule" not in page
    new = reverse("cohorts:rule_new")
    terms = {"title": "T", "measure": "ae", "operator": ">=", "count": 5, "window_months": 12, "preview": "1"}
    assert NO_LEAD in client.post(new, terms).content.decode()
    assert NO_LEAD not in client.post(new, terms | {"min_age": 18}).content.decode()
    asked = {"rule": rule.pk, "as_at_day": "30", "as_at_month": "6", "as_at_year": "2026"}
    assert NO_LEAD in client.post(reverse("cohorts:list_new"), asked).content.decode()
    assert not CohortList.objects.exists()


def test_the_command_says_it_too(service, source):
    CohortRuleFactory(service=service, slug="young", min_age=None)
    with pytest.raises(CommandError, match=NO_LEAD):
        call_command("identify_cohort", "--service", "fenland", "--rule", "young", "--as-at", "2026-06-30")


@pytest.mark.usefixtures("_young_preset")
def test_a_preset_loads_and_says_what_its_rules_lack(service, source, capsys):
    call_command("load_preset", "young", "--service", "fenland", "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["created"] == 1
    assert NO_LEAD in " ".join(told["lacks"]["young"])
    call_command("load_preset", "young", "--service", "fenland")
    assert NO_LEAD in capsys.readouterr().out


@pytest.fixture
def _young_preset(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "FOLDER", tmp_path)
    (tmp_path / "young.toml").write_text(
        'title = "Young"\nversion = 1\nsource = "Tests"\nnot_yet = ["Nothing."]\n'
        '[[rules]]\nslug = "young"\ntitle = "Young"\ncount = ">=5"\nwindow_months = 12\nmax_age = 17\n'
    )


@pytest.mark.parametrize("name", read.names())
def test_no_preset_that_comes_with_the_product_lacks_anything(service, source, name):
    presets.load(service=service, preset=read.load(name), by=None)
    assert not [rule for rule in service.cohort_rules.all() if under_18.lacks(service, rule, DAY)]


def test_a_list_and_a_dry_run_say_of_how_many_nobody_knows_the_age(as_user, service, lead, attends):
    for born in (None, None, datetime.date(1980, 5, 6)):
        attends(6, person=PersonFactory(service=service, birth_date=born))
    built = build(service, min_age=18)
    assert built.selected == 3
    client = as_user(lead)
    page = client.get(reverse("cohorts:list", args=[built.pk])).content.decode()
    assert "Age is not supplied for 2 of the people on this list. The rule asks for 18 or older" in page
    assert "nobody knows whether each of them is 18" in page
    assert page.count("age not supplied") == 2
    form = rule_form(
        preview="1", top_n="", min_age="18", recent_count="", recent_months="", min_admissions=""
    )
    page = client.post(reverse("cohorts:rule_new"), form).content.decode()
    assert "2 of them are of an age nobody supplied, and pass all the same" in page


def test_nothing_is_said_where_every_age_is_known():
    assert under_18.of_unknown_age(Terms(5, min_age=None), 0) == ""
    assert "no youngest age, and nobody knows whether this one is 18" in under_18.of_unknown_age(Terms(5), 1)
