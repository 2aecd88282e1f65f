"""The pages about files that come, or should, and the file that asks for data about named people."""

import datetime
import io
import uuid

import openpyxl
import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from msoffcrypto import OfficeFile

from cohorts.actions import plan
from cohorts.models import Arrival, DataRequest, DataRequestPerson
from cohorts.tasks import keep_calendar
from governance.models import AuditEvent, OptOut, Person
from tests.cohorts.extracts import ANN, BOB, feed, load_rows, row
from tests.factories.cohorts import CandidateFactory, CohortListFactory, CohortRuleFactory, ExtractFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db
PASSWORD = "three eels in a boat"


@pytest.fixture
def source(service):
    return feed(service)


def page(browser, name: str, *args: object) -> str:
    return browser.get(reverse(name, args=args)).content.decode()


@time_machine.travel("2026-05-01T10:00:00Z", tick=False)
def test_the_plan_of_a_source_is_set_on_its_page(source, lead, as_user):
    browser, address = as_user(lead), reverse("cohorts:source_plan", args=[source.pk])
    typed = {"days_of_grace": 2, "most_rejected": 5, "mesh_workflow": "HIU", "mesh_sender": "x26abc2"}
    due = {"first_due_day": "5", "first_due_month": "5", "first_due_year": "2026", "frequency": "monthly"}
    assert browser.post(address, typed | due)["Location"] == reverse("cohorts:calendar")
    row = source.plan
    assert (row.first_due, row.mesh_sender, row.stores_itself) == (
        datetime.date(2026, 5, 5),
        "X26ABC2",
        False,
    )
    found = page(browser, "cohorts:calendar")
    assert "Due on 5 May 2026" in found
    assert "Expected" in found
    assert "It covers no day yet." in found


@pytest.mark.parametrize(
    "name, words",
    [
        *((name, "the file due on 5 May 2026 has not come.") for name in ("extracts", "lists", "calendar")),
        ("board", "1 file that was expected has not come."),
    ],
)
def test_the_lead_is_told_of_a_late_file_wherever_they_begin(source, lead, as_user, name, words):
    with time_machine.travel("2026-05-01T10:00:00Z", tick=False):
        plan.change(source=source, by=None, first_due=datetime.date(2026, 5, 5), frequency="monthly")
    with time_machine.travel("2026-05-09T10:00:00Z", tick=False):
        browser, name = as_user(lead), f"{'casework' if name == 'board' else 'cohorts'}:{name}"
        assert words not in page(browser, name)
        keep_calendar()
        assert words in page(browser, name)
        ExtractFactory(source=source, previewed=True)
        assert words not in page(browser, name)


def test_the_lead_is_told_of_what_came_by_itself(source, lead, as_user):
    plan.change(source=source, by=None, mesh_workflow="HIU")
    waiting = ExtractFactory(source=source, previewed=True)
    ago = timezone.now() - datetime.timedelta(days=4)
    given = {"service": source.service, "source": source, "way": "mesh"}
    Arrival.objects.create(**given, key="1", extract=waiting, arrived_at=ago)
    Arrival.objects.create(**given, key="2", problem="This file is empty.", state="settled")
    Arrival.objects.create(
        way="mesh", key="3", problem="No source receives the workflow “X”.", state="parked"
    )
    found = page(as_user(lead), "cohorts:extracts")
    assert "waits for you to look at it. It has waited for 4 days; after 5 its sender is told" in found
    assert "could not be used. This file is empty." in found
    assert "A message waits in the MESH mailbox. No source receives the workflow “X”." in found


def test_the_calendar_says_for_whom_and_when_a_source_speaks(source, lead, as_user):
    load_rows(source, row("A1", on="2026-01-02"), row("A2", on="2026-03-30"))
    found = page(as_user(lead), "cohorts:calendar")
    assert "Speaks for everyone" in found
    assert "Covered: 2 January 2026 to 30 March 2026." in found


def test_the_calendar_asks_as_much_of_ten_sources_as_of_one(source, lead, as_user):
    browser = as_user(lead)
    plan.change(source=source, by=None, first_due=timezone.localdate(), frequency="daily")
    with PageQueries() as one:
        page(browser, "cohorts:calendar")
    for number in range(9):
        other = feed(source.service, slug=f"other-{number}")
        plan.change(source=other, by=None, first_due=timezone.localdate(), frequency="daily")
    with PageQueries() as ten:
        page(browser, "cohorts:calendar")
    assert len(ten.page) == len(one.page)


@pytest.fixture
def asked(service, source, lead):
    """A list with Ann and Bob on it."""
    load_rows(source, row("A1"), row("A2", BOB))
    found = CohortListFactory(service=service, rule=CohortRuleFactory(service=service))
    for rank, person in enumerate(Person.objects.order_by("nhs_number"), 1):
        CandidateFactory(service=service, cohort_list=found, person=person, rank=rank)
    return found


def typed(asked, **given):
    return {
        "key": uuid.uuid4(),
        "cohort_list": asked.pk,
        "who": "everyone",
        "measures": ["ae", "nel"],
        "period_from_day": "1", "period_from_month": "1", "period_from_year": "2026",
        "period_to_day": "31", "period_to_month": "3", "period_to_year": "2026",
        "password": PASSWORD,
    } | given  # fmt: skip


def opened(content: bytes) -> openpyxl.Workbook:
    locked, plain = OfficeFile(io.BytesIO(content)), io.BytesIO()
    assert locked.is_encrypted()
    locked.load_key(password=PASSWORD)
    locked.decrypt(plain)
    return openpyxl.load_workbook(plain)


def test_a_data_request_is_locked_names_numbers_only_and_goes_on_record(
    source, asked, lead, ig_lead, as_user
):
    address = reverse("cohorts:data_request", args=[source.pk])
    answer = as_user(lead).post(address, typed(asked))
    assert answer["Content-Disposition"].startswith("attachment")
    book = opened(answer.content)
    assert [cell.value for cell in book["People"]["A"]] == ["NHS number", ANN, BOB]
    about = {line[0].value: line[1].value for line in book["Request"].iter_rows()}
    assert about["Please send"] == "A&E attendances, Emergency admissions"
    assert about["Under the agreement"] == source.agreement.title
    assert "Ash" not in str(about)
    made = DataRequest.objects.get()
    assert (made.number, DataRequestPerson.objects.count(), made.made_by) == (2, 2, lead)
    event = AuditEvent.objects.get(event="data_requested")
    assert event.changes == {"source": source.slug, "people": 2, "measures": ["ae", "nel"]}
    log = as_user(ig_lead).get(reverse("casework:disclosures"), {"show": "requests"}).content.decode()
    assert f"data request {made.pk}: who 2 people are" in log


def test_who_objected_and_who_was_not_chosen_is_not_named(service, source, asked, lead, as_user):
    bob = Person.objects.get(nhs_number=BOB)
    OptOut.objects.create(
        service=service, person=bob, opted_out=True, source="told", checked_on="2026-01-01", by=lead
    )
    address = reverse("cohorts:data_request", args=[source.pk])
    book = opened(as_user(lead).post(address, typed(asked)).content)
    assert [cell.value for cell in book["People"]["A"]] == ["NHS number", ANN]
    nobody = as_user(lead).post(address, typed(asked, who="accept")).content.decode()
    assert "Nobody on this list can be asked about" in nobody


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"password": "short"}, "Choose a password of 12 or more characters."),
        ({"password": ""}, "Enter a password for the file."),
        ({"measures": []}, "Choose what you ask for, at least one."),
        ({"period_to_year": "2025"}, "The last day cannot be before the first."),
        ({"cohort_list": 0}, "Select a valid choice"),
    ],
)
def test_a_request_that_cannot_be_made_says_why(source, asked, lead, as_user, given, sentence):
    address = reverse("cohorts:data_request", args=[source.pk])
    found = as_user(lead).post(address, typed(asked, **given)).content.decode()
    assert sentence in found
    assert PASSWORD not in found
    assert not DataRequest.objects.exists()


def test_a_second_press_asks_once_and_an_agreement_that_ended_not_at_all(source, asked, lead, as_user):
    browser, address = as_user(lead), reverse("cohorts:data_request", args=[source.pk])
    form = typed(asked)
    browser.post(address, form)
    assert "has made its file already" in browser.post(address, form).content.decode()
    source.agreement.valid_to = "2021-01-01"
    source.agreement.save()
    browser.post(address, typed(asked))
    assert DataRequest.objects.count() == 1
