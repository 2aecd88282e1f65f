import csv
import datetime
import io
import json
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cohorts.models import Activity, CohortList, CohortRule
from governance.models import AuditEvent, Person
from tests.factories.cohorts import ActivityFactory, CohortRuleFactory, ExtractFactory, SourceFactory
from tests.factories.governance import PersonFactory

pytestmark = pytest.mark.django_db

HES = Path(__file__).resolve().parents[3] / "shared/data/ed_artificial_hes_ae/artificial_hes_ae_0708_part.csv"
CATEGORIES = {"1": "first", "2": "planned follow-up", "3": "unplanned follow-up", "9": ""}


@pytest.fixture
def attends(service):
    """`attends(6)` is a person with 6 attendances, a day apart, up to 20 June 2026."""
    extract = ExtractFactory(committed=True, source=SourceFactory(service=service))

    def attend(times, **fields):
        person = PersonFactory(service=service)
        for day in range(times):
            day = datetime.date(2026, 6, 20) - datetime.timedelta(days=day)
            ActivityFactory(extract=extract, person=person, started_on=day, **fields)
        return person

    return attend


def identify(service, rule, *extra) -> dict:
    out = io.StringIO()
    call_command(
        "identify_cohort", "--service", service.slug, "--rule", rule.slug, "--json", *extra, stdout=out
    )
    return json.loads(out.getvalue())


def test_the_command_prints_one_json_object_without_names(service, attends):
    person = attends(6, admitted=True)
    rule = CohortRuleFactory(service=service, slug="top", count=5)
    printed = identify(service, rule, "--as-at", "2026-06-30")
    assert printed.pop("seconds") >= 0
    assert printed == {
        "rule": "top",
        "rule_version": 1,
        "as_at": "2026-06-30",
        "considered": 1,
        "selected": [
            {
                "person": str(person.pk),
                "rank": 1,
                "tier": None,
                "counts": {
                    "count": 6,
                    "recent": None,
                    "admissions": 6,
                    "last_on": "2026-06-20",
                    "age": 46,
                },
            }
        ],
        "excluded": {},
        "not_supplied": [],
        "list": CohortList.objects.get().pk,
    }


def test_identities_are_printed_on_request_and_audited(service, attends):
    person = attends(6)
    rule = CohortRuleFactory(service=service, slug="top")
    printed = identify(service, rule, "--as-at", "2026-06-30", "--identifiable")
    assert printed["selected"][0]["person"] == person.nhs_number
    assert printed["selected"][0]["name"] == person.full_name
    event = AuditEvent.objects.get(event="cohort_list_identities_shown")
    assert event.changes == {"people": 1}


def test_an_older_version_can_be_asked_for(service, attends):
    attends(6)
    for version, count in ((1, 6), (2, 7)):
        rule = CohortRuleFactory(service=service, slug="top", version=version, count=count)
    assert len(identify(service, rule, "--as-at", "2026-06-30")["selected"]) == 0
    assert len(identify(service, rule, "--as-at", "2026-06-30", "--version", "1")["selected"]) == 1


def test_in_words_the_command_reads_as_sentences(service, attends, capsys):
    attends(6), attends(1)
    CohortRuleFactory(service=service, slug="top", count=5)
    call_command("identify_cohort", "--service", service.slug, "--rule", "top", "--as-at", "2026-06-30")
    printed = capsys.readouterr().out
    assert printed.startswith(
        "Adults of 18 or over with at least 5 A&E attendances in the 12 months to 30 June 2026."
    )
    assert "2 people considered, 1 selected." in printed
    assert "1 attended less often than the rule asks" in printed
    assert "First" not in printed


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"--service": "nowhere"}, 'There is no service called "nowhere". Services here: fenland.'),
        ({"--rule": "other"}, 'has no rule called "other". Its rules: top.'),
        ({"--version": "4"}, 'The rule "top" has no version 4. Its newest is 1.'),
        ({"--as-at": "30/06/2026"}, '"30/06/2026" is not a date. Write it as year, month, day: 2026-06-30.'),
        ({"--as-at": "2999-01-01"}, "1 January 2999 has not come yet."),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_and_nothing_is_stored(service, change, sentence):
    CohortRuleFactory(service=service, slug="top")
    options = {"--service": service.slug, "--rule": "top", "--as-at": "2026-06-30", **change}
    with pytest.raises(CommandError) as refusal:
        call_command("identify_cohort", *[word for pair in options.items() for word in pair])
    assert sentence in str(refusal.value)
    assert refusal.value.returncode == 1
    assert not CohortList.objects.exists()


# Real input


@pytest.fixture
def artificial_hes(service):
    """NHS Digital's artificial A&E records of 2007/08, one activity a row."""
    if not HES.exists():
        pytest.skip(
            f"NHS Digital's artificial A&E file is not at {HES.parent}: it is no part of this project"
        )
    extract = ExtractFactory(committed=True, source=SourceFactory(service=service))
    with HES.open(newline="") as file:
        rows = [
            (row["PSEUDO_HESID"], row["ARRIVALDATE"], CATEGORIES[row["AEATTENDCAT"]])
            for row in csv.DictReader(file)
        ]
    names = sorted({name for name, *_ in rows})
    people = Person.objects.bulk_create(
        Person(service=service, pseudonym=name, pseudonym_issuer=extract.source.organisation)
        for name in names
    )
    by_name = dict(zip(names, people, strict=True))
    Activity.objects.bulk_create(
        Activity(
            id=uuid.uuid4(),
            service=service,
            source=extract.source,
            extract=extract,
            person=by_name[name],
            measure="ae",
            started_on=day,
            attendance_category=category,
        )
        for name, day, category in rows
    )


@pytest.mark.parametrize(
    "count, people, attendances", [(3, 30, 153), (4, 12, 99), (5, 6, 75), (6, 4, 65), (10, 1, 44)]
)
def test_the_artificial_hospital_records_give_the_expected_counts(
    service, artificial_hes, count, people, attendances
):
    rule = CohortRuleFactory(service=service, operator=">=", count=count)
    printed = identify(service, rule, "--as-at", "2008-03-31")
    assert printed["considered"] == 337
    assert len(printed["selected"]) == people
    assert sum(row["counts"]["count"] for row in printed["selected"]) == attendances


@pytest.mark.parametrize("count, people, attendances", [(3, 26, 138), (5, 5, 68), (10, 1, 43)])
def test_the_artificial_hospital_records_give_the_expected_counts_of_first_attendances(
    service, artificial_hes, count, people, attendances
):
    rule = CohortRuleFactory(
        service=service,
        operator=">=",
        count=count,
        attendance_categories=["first"],
        window_kind="financial_year",
    )
    printed = identify(service, rule, "--as-at", "2008-03-31")
    assert len(printed["selected"]) == people
    assert sum(row["counts"]["count"] for row in printed["selected"]) == attendances


# Adding rules from the command line


def test_a_rule_is_added_and_versioned_from_the_command_line(service, capsys):
    arguments = [
        "add_rule",
        "--service",
        "fenland",
        "--rule",
        "top-250",
        "--count",
        ">5",
        "--recent",
        ">=1/3",
    ]
    call_command(*arguments, "--top", "250", "--exclude", "already_client", "--exclude", "died")
    assert capsys.readouterr().out == (
        "Saved top-250, version 1: Adults of 18 or over with more than 5 A&E attendances in the 12 months "
        "before the list, and at least 1 in the last 3 months; the first 250; "
        "leaving out people who already have a case or have died.\n"
    )
    call_command(*arguments, "--min-age", "none", "--min-admissions", "2", "--title", "Top", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert (printed["rule"], printed["rule_version"]) == ("top-250", 2)
    newest = CohortRule.objects.get(version=2)
    assert (newest.title, newest.min_age, newest.min_admissions, newest.exclusions) == ("Top", None, 2, [])


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"--service": "nowhere"}, 'There is no service called "nowhere". Services here: fenland.'),
        ({"--count": "five"}, '"five" is not a count.'),
        ({"--recent": "1"}, '"1" is not a recent count.'),
        ({"--recent": ">=1/24"}, "Enter from 1 to 12 months"),
        ({"--window-months": "61"}, "Enter a number of months from 1 to 60"),
        ({"--min-age": "young"}, '"young" is not an age.'),
        ({"--rule": "top 250"}, "Enter a valid"),
        ({"--top": "0"}, "Enter 1 or more"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_a_sentence(service, change, sentence):
    options = {"--service": "fenland", "--rule": "top", "--count": ">=5", **change}
    with pytest.raises(CommandError) as refusal:
        call_command("add_rule", *[word for pair in options.items() for word in pair])
    assert sentence in str(refusal.value)
    assert not CohortRule.objects.exists()
