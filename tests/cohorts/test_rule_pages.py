"""Building a rule: public definitions, and seeing what it finds before anything is saved."""

import pytest
from django.urls import reverse

from cohorts.lists import definitions
from cohorts.models import CohortList, CohortRule
from cohorts.pages.rule import preview
from cohorts.rules import Terms
from governance.models import AuditEvent
from tests.cohorts.lists import JUNE_30, build
from tests.cohorts.test_lists import rule_form
from tests.factories.cohorts import ActivityCountFactory, CohortRuleFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db


def found(service, **terms):
    shown = preview(service, Terms(**{"count": 5, **terms}), JUNE_30)
    return {each.words: each.people for each in shown["thresholds"]}, shown


def test_a_dry_run_says_how_many_at_each_neighbour_and_at_the_numbers_that_documents_name(service, attends):
    for times in (3, 5, 6, 7, 10, 11, 21):
        attends(times, last="2026-06-30")
    thresholds, shown = found(service, operator=">")
    assert thresholds == {
        "more than 3": 6, "more than 4": 6, "at least 5": 6, "more than 5": 5, "more than 6": 4,
        "at least 7": 4, "more than 7": 3, "more than 10": 2, "more than 20": 1,
    }  # fmt: skip
    assert [each.words for each in shown["thresholds"] if each.is_this] == ["more than 5"]
    assert shown["people"] == 5
    assert shown["sentence"].startswith("People of any age with more than 5 A&E attendances")


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"operator": ">"},
        {"operator": ">", "count": 20, "or_count": 5, "or_months": 1},
        {"recent_count": 1, "recent_months": 3},
        {"window_days": 84},
        {"count": 1, "repeats": "same_day"},
        {"top_n": 2},
        {"min_age": 18},
    ],
)
def test_a_dry_run_finds_as_many_as_the_list_then_has(service, attends, terms):
    for times, last in ((3, "2026-06-30"), (5, "2026-02-10"), (6, "2026-06-30"), (21, "2026-05-30")):
        attends(times, last=last)
    ActivityCountFactory(extract__source__service=service, count=9)
    shown = preview(service, Terms(**{"count": 5, **terms}), JUNE_30)
    assert shown["as_at"] == JUNE_30
    assert shown["people"] == build(service, **{"count": 5, **terms}).selected


def test_what_cannot_be_judged_is_said_before_the_list_is_built(service, attends):
    attends(5)
    _, shown = found(service, min_admissions=2, department_types=["1"], exclusions=["end_of_life"])
    said = " ".join(shown["not_judged"])
    assert "Of 5 A&E attendances the type of the department is not supplied." in said
    assert "No source says who is on an end-of-life pathway" in said
    assert "No source supplies admissions: nobody is left out for having too few." in said
    attends(5, admitted=True)
    assert "No source supplies admissions" not in " ".join(found(service, min_admissions=2)[1]["not_judged"])


def test_the_page_shows_the_dry_run_and_stores_nothing(service, lead, attends, as_user):
    attends(6)
    events = AuditEvent.objects.count()
    response = as_user(lead).post(
        reverse("cohorts:rule_new"), rule_form(preview="1", top_n="", recent_count="", recent_months="")
    )
    body = response.content.decode()
    assert "1 person as at 20 June 2026" in body
    assert "More than 5 (this rule)" in body
    assert 'value="Top 250 each quarter"' in body
    assert not CohortRule.objects.exists()
    assert not CohortList.objects.exists()
    assert AuditEvent.objects.count() == events


def test_a_rule_is_changed_after_a_look_at_what_it_finds(service, lead, attends, as_user):
    rule = CohortRuleFactory(service=service, slug="top")
    url = reverse("cohorts:rule", args=[rule.pk])
    assert "0 people as at" in as_user(lead).post(url, rule_form(preview="1")).content.decode()
    assert service.cohort_rules.count() == 1


def test_weeks_are_typed_as_weeks_and_shown_as_weeks(service, lead, as_user):
    form = rule_form(window_months="12", window_unit="weeks", recent_count="", recent_months="", includes_day="no",
                     tiers="Lower: 6 to 15\n16 or more", postcode_areas="pe13, CB6")  # fmt: skip
    response = as_user(lead).post(reverse("cohorts:rule_new"), form, follow=True)
    saved = service.cohort_rules.get()
    assert (saved.window_days, saved.includes_day, saved.postcode_areas) == (84, False, ["PE13", "CB6"])
    assert [tier["name"] for tier in saved.tiers] == ["Lower", "16 or more"]
    body = response.content.decode()
    assert '<option value="weeks" selected>' in body
    assert "Lower: 6 to 15\n16 or more" in body


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"window_kind": "calendar_year", "window_unit": "days"}, "A year has its own length"),
        ({"tiers": "many"}, "is not a tier"),
        ({"or_count": "7", "or_months": "1"}, "Enter fewer than 5"),
        ({"postcode_areas": "Peterborough"}, "is not the beginning of a postcode"),
    ],
)
def test_settings_that_cannot_be_are_sent_back_with_a_sentence(service, lead, as_user, changes, said):
    body = as_user(lead).post(reverse("cohorts:rule_new"), rule_form(**changes)).content.decode()
    assert said in body
    assert not service.cohort_rules.exists()


@pytest.mark.parametrize("slug", list(definitions.every()))
def test_a_public_definition_fills_the_page_and_saves_as_it_reads(service, lead, as_user, slug):
    response = as_user(lead).get(reverse("cohorts:rule_new"), {"from": slug})
    definition = definitions.every()[slug]
    form = response.context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value not in (None, False, [])}
    as_user(lead).post(reverse("cohorts:rule_new"), typed | {"exclusions": []})
    assert service.cohort_rules.get().sentence == definition.sentence
    assert definition.title in response.content.decode()


def test_a_dry_run_takes_the_same_few_queries_for_any_rule(service, lead, attends, as_user):
    attends(6)
    client = as_user(lead)
    client.get(reverse("cohorts:rule_new"))
    with PageQueries() as captured:
        client.post(reverse("cohorts:rule_new"), rule_form(preview="1"))
    assert len(captured.page) <= 16
