"""The pages: who may see them, what they offer, and what taking a file leaves behind."""

import datetime
import io

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from evaluation.actions import report as reports
from evaluation.models import Report, UnitCost
from evaluation.quarters import parse
from evaluation.render import pdf
from governance.models import AuditEvent
from governance.roles import Role
from tests.factories.evaluation import ReportFactory, UnitCostFactory
from tests.factories.governance import MembershipFactory
from tests.queries import PageQueries

pytestmark = pytest.mark.django_db

LIST = reverse("evaluation:reports")
NEW = reverse("evaluation:report_new")
COSTS = reverse("evaluation:unit_costs")


def text_of(response) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text().split())


def file_url(report: Report, kind: str) -> str:
    return reverse("evaluation:report_file", args=[report.pk, kind])


def test_a_commissioner_reads_the_report(grown, commissioner, lead, as_user):
    report = reports.freeze(service=grown.service, quarter=parse("2026-Q3"), by=None)
    reports.release(report=report, by=lead)
    response = as_user(commissioner).get(report.get_absolute_url())
    page = BeautifulSoup(response.content, "html.parser")
    titles = [heading.get_text() for heading in page.main.select("h2:not(dialog h2)")]
    assert titles == [
        "What these figures rest on",
        "In short",
        "From list to support",
        "Who was reached",
        "Activity by quarter",
        "While people were supported, month by month",
        "What happened, against what was to be expected",
        "Value of the difference",
        "How people say they are",
        "What people say of the service",
        "What the service did",
        "What was covered and received",
        "How the figures were made",
        "About this copy",
    ]
    assert report.sha256 in text_of(response)
    assert page.find("style") is None
    assert page.find(style=True) is None
    assert len(page.main.find_all("svg", role="img")) == 5


def test_a_commissioner_builds_nothing_and_is_offered_nothing_to_build(service, commissioner, as_user):
    client = as_user(commissioner)
    assert "Build the report" not in text_of(client.get(LIST))
    assert client.get(NEW).status_code == client.post(NEW).status_code == 403
    assert client.get(COSTS).status_code == 403


def test_a_lead_is_offered_the_last_quarter_that_ended(service, lead, as_user, october):
    assert "Build the report for 2026-Q3" in text_of(as_user(lead).get(LIST))
    ReportFactory(service=service, quarter="2026-Q3")
    page = text_of(as_user(lead).get(LIST))
    assert "Build the report for 2026" not in page
    assert "Build the report for an earlier quarter" in page


def test_a_lead_builds_a_report(grown, lead, as_user):
    response = as_user(lead).post(NEW, {"quarter": "2026-Q3"}, follow=True)
    assert "The report for 2026-Q3 is built as a draft. Ask somebody else to release it." in text_of(response)
    assert Report.objects.get().frozen_by == lead


@pytest.mark.parametrize(
    "quarter, sentence", [("", "Choose a quarter."), ("2026-Q4", "Choose a quarter that has ended")]
)
def test_a_quarter_that_cannot_be_built_is_said_on_the_page(
    service, lead, as_user, october, quarter, sentence
):
    response = as_user(lead).post(NEW, {"quarter": quarter})
    assert response.status_code == 200
    assert sentence in text_of(response)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "kind, start", [("csv", b"\xef\xbb\xbfsection,measure"), ("xlsx", b"PK"), ("pdf", b"%PDF-1.7")]
)
def test_each_file_is_an_attachment_and_a_row_in_the_access_log(service, commissioner, as_user, kind, start):
    report = ReportFactory(service=service, quarter="2026-Q3")
    response = as_user(commissioner).get(file_url(report, kind))
    assert response["Content-Disposition"] == f'attachment; filename="hiu-report-fenland-2026-Q3.{kind}"'
    assert response["Cache-Control"] == "no-store"
    assert response.content.startswith(start)
    event = AuditEvent.objects.get()
    assert (event.event, event.actor, event.target_id) == (
        "report_downloaded",
        commissioner.email,
        str(report.pk),
    )
    assert event.changes == {"kind": [None, kind]}


def test_the_workbook_opens_elsewhere(service, commissioner, as_user):
    report = ReportFactory(service=service)
    book = openpyxl.load_workbook(io.BytesIO(as_user(commissioner).get(file_url(report, "xlsx")).content))
    assert book.sheetnames == ["How to read", "From list to support"]
    assert book["From list to support"]["B4"].value == 40
    assert book["From list to support"]["B5"].value == "*"
    assert book.properties.created == datetime.datetime(2026, 10, 5, 9, 30)


def test_a_file_of_another_kind_is_not_found(service, commissioner, as_user):
    report = ReportFactory(service=service)
    assert as_user(commissioner).get(file_url(report, "docx")).status_code == 404
    assert not AuditEvent.objects.exists()


def test_another_services_report_is_not_found(service, outsider, as_user):
    report = ReportFactory(service=service)
    client = as_user(outsider)
    for url in (report.get_absolute_url(), file_url(report, "csv")):
        assert client.get(url).status_code == 404
    assert service.name not in text_of(client.get(LIST))


def test_without_pango_a_sentence_stands_in_place_of_the_link(service, commissioner, as_user, monkeypatch):
    monkeypatch.setattr(pdf, "why_not", lambda: pdf.MISSING)
    report = ReportFactory(service=service)
    client = as_user(commissioner)
    response = client.get(report.get_absolute_url())
    assert "A PDF cannot be made on this server, because the Pango library is not installed." in text_of(
        response
    )
    assert file_url(report, "pdf") not in response.content.decode()
    assert client.get(file_url(report, "csv")).status_code == 200
    asked = client.get(file_url(report, "pdf"), follow=True)
    assert asked.redirect_chain == [(report.get_absolute_url(), 302)]
    assert "Pango" in text_of(asked)


def test_a_link_worker_has_no_reports(service, link_worker, as_user):
    report = ReportFactory(service=service)
    for url in (LIST, report.get_absolute_url(), file_url(report, "csv"), reverse("evaluation:methods")):
        assert as_user(link_worker).get(url).status_code == 403


def test_a_service_without_reports_says_what_will_be_here(service, commissioner, as_user):
    assert "When a quarter has ended and the service has released its report, it stands here." in text_of(
        as_user(commissioner).get(LIST)
    )


def test_the_methods_are_in_plain_words(service, commissioner, as_user):
    words = text_of(as_user(commissioner).get(reverse("evaluation:methods")))
    assert "Why a comparator" in words
    assert "Not supplied is not zero" in words
    assert "Emergency admissions" in words


def test_questions_to_the_database_stay_few(service, lead, as_user):
    client = as_user(lead)
    asked = []
    for size in (10, 90):
        ReportFactory.create_batch(size, service=service)
        with PageQueries() as queries:
            client.get(LIST)
        asked.append(len(queries.page))
    assert asked[0] == asked[1] <= 6
    with PageQueries() as queries:
        client.get(Report.objects.first().get_absolute_url())
    assert len(queries.page) <= 6


def test_the_page_asks_as_little_of_the_database_for_a_long_report_as_for_a_short_one(service, lead, as_user):
    short = ReportFactory(service=service)
    long = ReportFactory(
        service=service, snapshot={**short.snapshot, "sections": 40 * short.snapshot["sections"]}
    )
    client, asked, sizes = as_user(lead), [], []
    for report in (short, long):
        with PageQueries() as queries:
            page = client.get(report.get_absolute_url())
        asked.append(len(queries.page))
        sizes.append(len(page.content))
    assert sizes[1] > 5 * sizes[0]
    assert asked[0] == asked[1] <= 6


COST = {
    "measure": "ae",
    "amount": "182.50",
    "price_year": "2023/24",
    "source": "National cost collection",
    "valid_from_day": "1",
    "valid_from_month": "4",
    "valid_from_year": "2026",
}


def test_a_lead_adds_a_cost_with_its_source(service, lead, as_user):
    response = as_user(lead).post(COSTS, COST, follow=True)
    assert "National cost collection" in text_of(response)
    cost = UnitCost.objects.get()
    assert (cost.service, str(cost.amount), cost.valid_from) == (service, "182.50", datetime.date(2026, 4, 1))
    event = AuditEvent.objects.get()
    assert (event.event, event.changes["amount"]) == ("unit_cost_added", [None, "182.50"])


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"amount": "0"}, "The cost of one must be more than £0."),
        ({"amount": "a lot"}, "Enter the cost as a number of pounds such as 182.50."),
        ({"source": ""}, "Enter where the cost comes from"),
        ({"price_year": "2024"}, "Write the price year as in 2023/24."),
        ({"measure": "tea"}, "Select a valid choice."),
        ({"valid_from_month": "13"}, "the month must be a number from 1 to 12"),
    ],
)
def test_a_cost_that_makes_no_sense_is_said_on_the_page(service, lead, as_user, wrong, sentence):
    assert sentence in text_of(as_user(lead).post(COSTS, {**COST, **wrong}))
    assert not UnitCost.objects.exists()


def test_two_costs_of_one_measure_from_one_day_are_refused(service, lead, as_user):
    UnitCostFactory(service=service, measure="ae", valid_from=datetime.date(2026, 4, 1))
    assert "There is a cost of this measure from 1 April 2026 already." in text_of(
        as_user(lead).post(COSTS, COST)
    )
    assert UnitCost.objects.count() == 1


@pytest.mark.parametrize("role", [Role.HIU_LEAD, Role.SERVICE_MANAGER])
def test_who_may_build_finds_the_way(service, as_user, role, october):
    user = MembershipFactory(service=service, role=role).user
    page = BeautifulSoup(as_user(user).get(LIST).content, "html.parser")
    links = {link["href"] for link in page.main.find_all("a")}
    assert {NEW, COSTS, reverse("evaluation:methods")} <= links
