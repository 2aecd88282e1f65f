"""The report says how far chance decided who was approached."""

import datetime

import pytest
from django.utils import timezone

from cohorts.models import LotsDrawn
from evaluation.lots import Lots, lots_of
from evaluation.sections.wording import meaning
from tests.factories.cohorts import CandidateFactory, CohortListFactory, ScreeningFactory

DAY = datetime.timedelta(days=1)


@pytest.mark.django_db
def test_only_lists_that_people_were_taken_on_from_count_and_lots_must_come_first(service, lead):
    now = timezone.now()

    def made(*, taken: bool, drawn: datetime.timedelta | None = None):
        found = CohortListFactory(rule__service=service)
        for rank in (1, 2):
            candidate = CandidateFactory(cohort_list=found, rank=rank)
            if taken:
                ScreeningFactory(candidate=candidate, decision="accept", reason="", by=lead, at=now - 5 * DAY)
        if drawn:
            LotsDrawn.objects.create(
                service=service, cohort_list=found, seed=1, people=2, by=lead, at=now - drawn
            )

    made(taken=False, drawn=9 * DAY)
    assert lots_of(service, after=now, known=now) == Lots(0, 0)
    made(taken=True, drawn=6 * DAY)
    assert lots_of(service, after=now, known=now) == Lots(1, 1)
    made(taken=True, drawn=4 * DAY)
    made(taken=True)
    assert lots_of(service, after=now, known=now) == Lots(3, 1)
    assert lots_of(service, after=now - 5 * DAY, known=now) == Lots(0, 0)


@pytest.mark.parametrize(
    ("lots", "said"),
    [
        (Lots(0, 0), "No lots were drawn to decide"),
        (Lots(2, 0), "No lots were drawn to decide"),
        (Lots(3, 1), "Lots were drawn on 1 of 3 lists to decide"),
        (Lots(1, 1), "on the list that people were taken on from"),
        (Lots(2, 2), "on each of the 2 lists that people were taken on from"),
    ],
)
def test_it_is_said_in_words(lots, said):
    assert said in lots.words
    assert lots.always == ("among equals chance decided" in lots.words)


def test_the_figure_by_the_offer_is_to_be_trusted_where_chance_decided():
    headline = {"shown": True, "rate_ratio": 0.5}
    offer = {"shown": True, "lo": 0.7, "hi": 1.1}
    assert "Trust the figure by the offer." in meaning(headline, offer, {"shown": False}, by_chance=True)
    said = meaning(headline, offer, {"shown": False}, by_chance=False)
    assert "Trust" not in said
    assert "as far as chance decided who was approached" in said
