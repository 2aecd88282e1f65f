import datetime

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts.actions import cohort_list as lists
from cohorts.actions import rule as rule_actions
from cohorts.models import Candidate, CohortList, CohortRule
from cohorts.pages import timeline
from governance import audit
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.factories.cohorts import (
    ActivityFactory,
    CandidateFactory,
    CohortListFactory,
    CohortRuleFactory,
    ExtractFactory,
    ScreeningFactory,
)
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db

JUNE_30 = datetime.date(2026, 6, 30)


def queries(client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# Rules


def rule_form(**changes) -> dict:
    return {
        "title": "Top 250 each quarter",
        "measure": "ae",
        "operator": ">",
        "count": "5",
        "window_months": "12",
        "recent_count": "1",
        "recent_months": "3",
        "min_age": "18",
        "top_n": "250",
        "exclusions": ["already_client", "died"],
        **changes,
    }


def test_lead_makes_a_rule_and_reads_it_as_a_sentence(service, lead, as_user):
    response = as_user(lead).post(reverse("cohorts:rule_new"), rule_form(), follow=True)
    saved = service.cohort_rules.get()
    assert (saved.slug, saved.version, saved.made_by) == ("top-250-each-quarter", 1, lead)
    assert "Adults of 18 or over with more than 5 A&amp;E attendances" in response.content.decode()
    event = AuditEvent.objects.get(event="cohort_rule_saved")
    assert event.changes["rule"] == saved.sentence


def test_saving_a_rule_again_adds_a_version_and_keeps_the_first(service, lead, as_user):
    first = CohortRuleFactory(service=service, slug="top", count=5)
    as_user(lead).post(reverse("cohorts:rule", args=[first.pk]), rule_form(count="7"))
    assert list(service.cohort_rules.order_by("version").values_list("version", "count")) == [(1, 5), (2, 7)]


def test_two_rules_of_one_title_get_names_of_their_own(service):
    terms = {"title": "Top", "count": 5, "window_months": 12}
    made = [rule_actions.save(service=service, by=None, **terms) for _ in range(3)]
    assert [rule.slug for rule in made] == ["top", "top-2", "top-3"]


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"title": ""}, "Enter a name for the rule"),
        ({"count": "many"}, "Enter a whole number, such as 5"),
        ({"count": "-1"}, "Enter a whole number, such as 5"),
        ({"window_months": "61"}, "Enter a number of months from 1 to 60"),
        ({"recent_months": ""}, "Enter both how many and in how many months"),
        ({"recent_months": "13"}, "Enter from 1 to 12 months"),
        ({"min_age": "30", "max_age": "20"}, "The oldest age cannot be below the youngest, 30"),
        ({"exclusions": ["nobody"]}, "nobody is not one of the available choices"),
    ],
)
def test_a_rule_that_cannot_be_is_sent_back_with_a_sentence(service, lead, as_user, changes, sentence):
    body = as_user(lead).post(reverse("cohorts:rule_new"), rule_form(**changes)).content.decode()
    assert sentence in body
    assert body.count("There is a problem") == 1
    assert not service.cohort_rules.exists()


def test_nothing_is_saved_when_the_audit_of_a_rule_fails(service, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        rule_actions.save(service=service, title="Top", count=5, window_months=12, by=None)
    assert not CohortRule.objects.exists()


def test_the_rules_page_shows_the_newest_version_of_each(service, lead, as_user):
    for version in (1, 2):
        CohortRuleFactory(service=service, slug="top", title=f"Top {version}", version=version)
    body = as_user(lead).get(reverse("cohorts:rules")).content.decode()
    assert "Top 2" in body
    assert "Top 1" not in body


# Building


def test_lead_builds_a_list_from_the_page(service, lead, as_user):
    rule = CohortRuleFactory(service=service, count=2)
    extract = ExtractFactory(committed=True, source__service=service)
    person = PersonFactory(service=service)
    for day in (1, 2, 3):
        ActivityFactory(extract=extract, person=person, started_on=datetime.date(2026, 6, day))
    form = {"rule": rule.pk, "as_at_day": "30", "as_at_month": "6", "as_at_year": "2026"}
    response = as_user(lead).post(reverse("cohorts:list_new"), form)
    built = CohortList.objects.get()
    assert response["Location"] == reverse("cohorts:list", args=[built.pk])
    assert (built.as_at, built.built_by, built.selected) == (JUNE_30, lead, 1)
    assert AuditEvent.objects.get(event="cohort_list_built").changes["selected"] == 1


def test_the_page_offers_the_newest_day_reported_as_the_day_of_the_list(service, lead, as_user):
    CohortRuleFactory(service=service)
    extract = ExtractFactory(committed=True, source__service=service)
    ActivityFactory(extract=extract, started_on=datetime.date(2026, 6, 18))
    body = as_user(lead).get(reverse("cohorts:list_new")).content.decode()
    assert "The newest day reported to us is 18 June 2026" in body


def test_a_neighbours_rule_cannot_be_used(service, neighbour, lead, as_user):
    rule = CohortRuleFactory(service=neighbour)
    CohortRuleFactory(service=service)
    form = {"rule": rule.pk, "as_at_day": "30", "as_at_month": "6", "as_at_year": "2026"}
    body = as_user(lead).post(reverse("cohorts:list_new"), form).content.decode()
    assert "Choose one of the rules shown." in body
    assert not CohortList.objects.exists()


def test_a_list_can_be_of_today(service, lead, as_user):
    rule = CohortRuleFactory(service=service)
    form = {"rule": rule.pk, "as_at_day": "30", "as_at_month": "6", "as_at_year": "2026"}
    # A quarter past midnight in London, still the day before in UTC.
    with time_machine.travel("2026-06-29T23:15Z", tick=False):
        as_user(lead).post(reverse("cohorts:list_new"), form)
    assert service.cohort_lists.get().as_at == JUNE_30


def test_a_day_that_has_not_come_is_refused(service, lead, as_user):
    rule = CohortRuleFactory(service=service)
    form = {"rule": rule.pk, "as_at_day": "1", "as_at_month": "1", "as_at_year": "2999"}
    body = as_user(lead).post(reverse("cohorts:list_new"), form).content.decode()
    assert "1 January 2999 has not come yet" in body
    with pytest.raises(RuleBroken, match="1 January 2999 has not come yet"):
        lists.build(service=service, rule=rule, as_at=datetime.date(2999, 1, 1), by=lead)


def test_no_list_is_left_when_the_audit_fails(service, monkeypatch):
    rule = CohortRuleFactory(service=service, count=1)
    ActivityFactory(extract=ExtractFactory(committed=True, source__service=service))

    def broken(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", broken)
    with pytest.raises(RuntimeError):
        lists.build(service=service, rule=rule, as_at=JUNE_30, by=None)
    assert not CohortList.objects.exists()
    assert not Candidate.objects.exists()


# The pages of lists


def test_without_rules_the_page_says_to_make_one_first(service, lead, as_user):
    assert "Make a rule first" in as_user(lead).get(reverse("cohorts:list_new")).content.decode()


def test_the_lists_page_says_how_far_the_screening_is(service, lead, as_user):
    cohort_list = CohortListFactory(rule__service=service, selected=3)
    for decision, reason in (("accept", ""), ("decline", "no_capacity")):
        candidate = CandidateFactory(cohort_list=cohort_list)
        ScreeningFactory(candidate=candidate, decision=decision, reason=reason)
    CandidateFactory(cohort_list=cohort_list)
    body = as_user(lead).get(reverse("cohorts:lists")).content.decode()
    assert "1 taken on, 1 not" in body
    assert "To screen" in body


@pytest.mark.parametrize("name", ["cohorts:lists", "cohorts:rules", "cohorts:list_new"])
def test_lists_and_rules_take_the_same_few_queries_at_any_length(service, lead, as_user, name):
    client = as_user(lead)
    numbers = []
    for length in (10, 990):
        rules = CohortRule.objects.bulk_create(
            CohortRuleFactory.build(service=service, slug=f"rule-{length}-{n}") for n in range(length)
        )
        CohortList.objects.bulk_create(
            CohortListFactory.build(service=service, rule=rule, selected=0) for rule in rules
        )
        numbers.append(queries(client, reverse(name)))
    assert numbers[0] == numbers[1] <= 8


def test_a_list_gives_the_reasons_why_others_are_not_on_it(service, lead, as_user):
    cohort_list = CohortListFactory(
        rule__service=service, considered=5000, selected=1, excluded={"too_few": 4990, "died": 9}
    )
    CandidateFactory(cohort_list=cohort_list)
    body = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk])).content.decode()
    assert "1 of 5,000 people are on this list" in body
    assert "4,990 attended less often than the rule asks" in body
    assert "9 have died" in body


def test_what_is_not_supplied_is_said_on_the_list(service, lead, as_user):
    cohort_list = CohortListFactory(
        rule=CohortRuleFactory(service=service, min_age=18, min_admissions=2, recent_count=1, recent_months=3)
    )
    CandidateFactory(cohort_list=cohort_list, age=None, admissions=3)
    body = as_user(lead).get(reverse("cohorts:list", args=[cohort_list.pk])).content.decode()
    assert "Age is not supplied for 1 of the people" in body
    assert "Recent attendances are not supplied for 1" in body
    assert "Admissions are" not in body
    assert "age not supplied" in body


# The drawing


def test_the_drawing_has_a_dot_a_day_and_stacks_what_happened_on_one_day():
    day = datetime.date(2026, 6, 20)
    drawn = timeline.draw([day, day, datetime.date(2025, 7, 1)], as_at=JUNE_30, measure="ae")
    # From the first dot 708 across to the next, and 16 up to the third.
    assert drawn.dots == "M6 80h708v-16"
    assert drawn.words == ("3 A&E attendances in the 12 months to 30 June 2026. Jul 2025: 1, Jun 2026: 2.")


def test_the_drawing_comes_down_from_a_stack_to_the_next_day():
    days = [datetime.date(2025, 7, 1), datetime.date(2025, 7, 1), datetime.date(2025, 7, 4)]
    drawn = timeline.draw([*days, datetime.date(2026, 1, 2)], as_at=JUNE_30, measure="ae")
    assert drawn.dots == "M6 80v-16l6 16h364"
    assert drawn.words.endswith("Jul 2025: 3, Jan 2026: 1.")


def test_the_drawing_says_each_year_once():
    days = [datetime.date(2025, 11, 1), datetime.date(2025, 12, 1), datetime.date(2026, 1, 1), JUNE_30]
    words = timeline.draw(days, as_at=JUNE_30, measure="ae").words
    assert words.endswith("Nov 2025: 1, Dec: 1, Jan 2026: 1, Jun: 1.")


def test_the_drawing_leaves_out_days_outside_its_twelve_months():
    outside = [datetime.date(2025, 6, 30), datetime.date(2026, 7, 1)]
    drawn = timeline.draw(outside, as_at=JUNE_30, measure="ae")
    assert drawn.dots == ""
    assert drawn.words == "No single dates are known in the 12 months to 30 June 2026."


@pytest.mark.parametrize("as_at", ["2026-06-30", "2026-06-29", "2028-02-29", "2026-01-31", "2026-12-31"])
def test_the_drawing_names_each_month_once_from_left_to_right(as_at):
    drawn = timeline.axis(datetime.date.fromisoformat(as_at))
    places = [int(x) for x in drawn.letter_places.split()]
    assert places == sorted(set(places))
    assert len(places) == len(drawn.letters) in (12, 13)
    assert places[0] >= 6
    assert places[-1] <= 738
    assert drawn.ticks.count("M") == len(places)


def test_candidates_must_point_at_a_list_and_a_person_of_their_service(service):
    candidate = CandidateFactory(cohort_list__service=service)
    with pytest.raises(IntegrityError, match="list of its own service"), transaction.atomic():
        CandidateFactory(service=service, cohort_list=CohortListFactory(), person=candidate.person)
    with pytest.raises(IntegrityError, match="person of its own service"), transaction.atomic():
        CandidateFactory(cohort_list=candidate.cohort_list, person=PersonFactory())
    with pytest.raises(IntegrityError, match="person of its own service"), transaction.atomic():
        Candidate.objects.update(person_id=0)
    with pytest.raises(IntegrityError, match="list of its own service"), transaction.atomic():
        Candidate.objects.update(cohort_list_id=0)
