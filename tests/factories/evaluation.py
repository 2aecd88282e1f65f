import datetime
import decimal

import factory
from factory.django import DjangoModelFactory

from evaluation import blocks, disclosure
from evaluation.models import AreaProfile, Report, ReportRelease, RunningCost, UnitCost
from evaluation.quarters import parse
from evaluation.snapshot import FORMAT, fingerprint
from tests.factories.cohorts import CohortListFactory
from tests.factories.governance import ServiceFactory, UserFactory


def snapshot_of(service_name: str, quarter: str) -> dict:
    """The smallest snapshot a report page draws: one section with one table and its chart."""
    number = disclosure.count(42)
    small = disclosure.count(3)
    chart = {
        "chart": "bars",
        "title": "People offered support",
        "desc": "Bars for accepted and declined.",
        "categories": ["Accepted", "Declined"],
        "series": [{"name": "People", "points": [blocks.point(number), blocks.point(small)]}],
        "unit": "people",
    }
    table = blocks.table(
        "flow",
        "From list to support",
        first="Group",
        columns=[blocks.column("People", figure="people")],
        rows=[blocks.row("Accepted", [number], group="accepted"), blocks.row("Declined", [small])],
        how="Counted from the lists and cases of the service.",
        charts=[chart],
    )
    sections = [
        blocks.section("flow", "Who was offered support", [blocks.text("Two groups of people."), table])
    ]
    period = parse(quarter)
    return {
        "format": FORMAT,
        "service": service_name,
        "host": "Fenland trust",
        "quarter": quarter,
        "period": {
            "from": period.first_day.isoformat(),
            "to": period.last_day.isoformat(),
            "label": period.label,
            "nhs_label": period.nhs_label,
        },
        "sections": sections,
        "suppressed_cells": blocks.suppressed_cells(sections),
        "provenance": {"data_cut": period.last_day.isoformat(), "extracts": [], "seed": 0, "plan_hash": ""},
    }


class UnitCostFactory(DjangoModelFactory):
    class Meta:
        model = UnitCost

    service = factory.SubFactory(ServiceFactory)
    measure = "ae"
    amount = decimal.Decimal("182.50")
    price_year = "2023/24"
    source = "National cost collection, table 4"
    valid_from = factory.Sequence(lambda n: datetime.date(2020, 1, 1) + datetime.timedelta(days=n))


class RunningCostFactory(DjangoModelFactory):
    class Meta:
        model = RunningCost

    service = factory.SubFactory(ServiceFactory)
    name = "Lead and one link worker"
    amount = decimal.Decimal("98000")
    source = "Contract of 2025"
    valid_from = factory.Sequence(lambda n: datetime.date(2020, 1, 1) + datetime.timedelta(days=n))


class ReportFactory(DjangoModelFactory):
    class Meta:
        model = Report
        skip_postgeneration_save = True

    service = factory.SubFactory(ServiceFactory)
    quarter = factory.Sequence(lambda n: f"{2000 + n % 4000 // 4 % 100}-Q{n % 4 + 1}")
    snapshot = factory.LazyAttribute(lambda o: snapshot_of(o.service.name, o.quarter))
    sha256 = factory.LazyAttribute(lambda o: fingerprint(o.snapshot))
    frozen_at = datetime.datetime(2026, 10, 5, 9, 30, tzinfo=datetime.UTC)

    @factory.post_generation
    def released(self, create: bool, wanted: bool | None, **kwargs: object) -> None:
        """By somebody else, unless asked for as a draft."""
        if create and wanted is not False:
            ReportReleaseFactory(report=self)


class ReportReleaseFactory(DjangoModelFactory):
    class Meta:
        model = ReportRelease

    report = factory.SubFactory(ReportFactory, released=False)
    service = factory.SelfAttribute("report.service")
    released_at = factory.SelfAttribute("report.frozen_at")
    released_by = factory.SubFactory(UserFactory)


class AreaProfileFactory(DjangoModelFactory):
    class Meta:
        model = AreaProfile

    service = factory.SubFactory(ServiceFactory)
    cohort_list = factory.SubFactory(CohortListFactory)
    quarter = "2026-Q2"
    snapshot = factory.LazyAttribute(
        lambda o: {
            "service": o.service.name,
            "list": "Top 250",
            "as_at": "2026-06-30",
            "sentence": "Adults of 18 or over with at least 5 A&E attendances in the 12 months to 30 June 2026",
            "totals": [{"label": "People", "value": "40"}],
            "tables": [{"key": "sex", "title": "Sex", "columns": ["", "People"], "rows": [["Women", "40"]]}],
            "missing": [],
            "how": ["Numbers from 1 to 7 are shown as *."],
            "cited": [],
        }
    )
    sha256 = factory.LazyAttribute(lambda o: fingerprint(o.snapshot))
    frozen_at = datetime.datetime(2026, 7, 5, 9, 30, tzinfo=datetime.UTC)
