"""What people say of the service, as a report counts and quotes it."""

import datetime
import json

import pytest

from casework.experience import Who
from evaluation import blocks, snapshot
from evaluation.actions import kpi_choice
from evaluation.actions import report as reports
from evaluation.differencing.printed import WITHHELD, Count, read_report
from evaluation.disclosure import DEFAULT_RULE
from evaluation.evidence import gather
from evaluation.frozen.rederive import rederive
from evaluation.quarters import parse
from evaluation.render import csv, html, xlsx
from evaluation.sections import experience, scorecard
from evaluation.sections.experience import wilson
from tests.evaluation.conftest import FROZEN, at, grow
from tests.evaluation.test_scorecard import rows
from tests.factories.casework import ExperienceAnswerFactory, ExperienceRulingFactory
from tests.factories.governance import ConsentFactory

pytestmark = pytest.mark.django_db

QUARTER = parse("2026-Q3")
DAY = datetime.date(2026, 8, 3)
KPI = "3.1 People who say the experience was good"


@pytest.fixture
def service_of_40(service, october):
    """40 people supported through the quarter."""
    return grow(service, accepted=40, only_listed=0)


def say(cases, rating: str, **told) -> list:
    told = {"words": "", "may_quote": False, **told}
    return [ExperienceAnswerFactory(case=case, rating=rating, **told) for case in cases]


def say_unnamed(service, number: int, rating: str, who: str = "person", **told) -> list:
    told = {"words": "", "may_quote": False, **told}
    return [
        ExperienceAnswerFactory(case=None, service=service, rating=rating, who=who, **told)
        for _ in range(number)
    ]


def evidence_of(grown):
    return gather(grown.service, QUARTER, frozen_at=FROZEN)


def section(grown) -> dict:
    return experience.build(evidence_of(grown))


@pytest.mark.parametrize(
    "part, whole, low, high",
    # By hand from the formula, and statsmodels proportion_confint(method="wilson").
    [(15, 20, 0.5313, 0.8881), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_interval_has_its_published_values(part, whole, low, high):
    assert wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_answers_are_counted_by_who_gave_them(service_of_40):
    cases, service = service_of_40.cases["accepted"], service_of_40.service
    say(cases[:15], "very_good")
    say(cases[15:25], "poor")
    say_unnamed(service, 5, "good")
    say_unnamed(service, 12, "good", "partner")
    found = section(service_of_40)
    asked = rows(found, "experience_asked")
    assert {label: row["People"] for label, row in asked.items()} == {
        "Answered": "25",
        "Not asked, or no answer": "15",
        "Supported in the quarter": "40",
    }
    answers = rows(found, "experience_answers")
    assert {label: row["People supported"] for label, row in answers.items()} == {
        "Good or very good": "20",
        "Neither good nor poor": "0",
        "Poor or very poor": "10",
        "Don't know": "0",
        "All answers": "30",
    }
    assert answers["All answers"]["Staff of partners"] == "10"
    shares = rows(found, "experience_shares")
    assert [shares["People supported"][k] for k in ("Good or very good", "95% from", "95% to")] == [
        "67%",
        "49%",
        "81%",
    ]
    assert shares["Staff of partners"]["note"] == "Fewer than 20 answers: no share."
    assert shares["Others"]["Good or very good"] == "not applicable"


def test_the_newest_answer_of_a_person_counts_once(service_of_40):
    cases = service_of_40.cases["accepted"][:20]
    say(cases, "poor")
    say(cases, "good", answered_on=DAY + datetime.timedelta(days=1))
    say(cases, "very_poor", answered_on=DAY, who="carer")
    found = evidence_of(service_of_40).experience
    assert found.of(Who.PERSON) == ["good"] * 20
    assert found.of(Who.CARER) == ["very_poor"] * 20


@pytest.mark.parametrize(
    "told",
    [
        {"answered_on": QUARTER.last_day + datetime.timedelta(days=1)},
        {"answered_on": QUARTER.first_day - datetime.timedelta(days=1)},
        {"at": FROZEN + datetime.timedelta(seconds=1)},
    ],
)
def test_what_was_said_or_entered_at_another_time_is_not_read(service_of_40, told):
    say(service_of_40.cases["accepted"][:20], "good", **told)
    assert not evidence_of(service_of_40).experience.answers
    assert "Not supplied" in json.dumps(section(service_of_40))


def test_mistakes_and_people_who_said_no_to_evaluation_leave_the_figures(service_of_40):
    first, second, *_ = say(service_of_40.cases["accepted"][:20], "good")
    ExperienceRulingFactory(answer=first, ruling="mistake")
    ConsentFactory(
        service=service_of_40.service,
        person=second.case.person,
        scope="evaluation",
        decision="refused",
        decided_at=at(DAY),
    )
    found = evidence_of(service_of_40).experience
    assert len(found.answers) == 18
    assert (len(found.supported), len(found.answered)) == (39, 18)


def test_target_of_a_good_experience_counts_numerator_denominator_and_missing(service_of_40, lead):
    kpi_choice.choose(
        service=service_of_40.service, kpi_set="red_cross", first_quarter=parse("2026-Q1"), by=lead
    )
    row = rows(scorecard.build(evidence_of(service_of_40)), "scorecard")[KPI]
    assert (row["Result"], row["Reached"]) == ("Not known", "not supplied")
    cases = service_of_40.cases["accepted"]
    say(cases[:20], "good")
    say(cases[20:25], "poor")
    row = rows(scorecard.build(evidence_of(service_of_40)), "scorecard")[KPI]
    assert [row[k] for k in ("Result", "Reached", "Numerator", "Denominator", "Missing")] == [
        "Pass",
        "80%",
        "20",
        "25",
        "15",
    ]
    assert "95% interval 61% to 91%" in row["note"]


def test_rounding_makes_no_share_of_all_where_somebody_was_not_content(service_of_40):
    cases = service_of_40.cases["accepted"]
    say(cases[:20], "good")
    say(cases[20:21], "poor")
    say(cases[21:22], "dont_know")
    found = section(service_of_40)
    assert rows(found, "experience_answers")["Good or very good"]["People supported"] == "20"
    assert rows(found, "experience_answers")["All answers"]["People supported"] == "20"
    shares = rows(found, "experience_shares")["People supported"]
    assert shares["Good or very good"] == "90%"
    assert shares["note"].startswith("At least 2 of the answers were not good")


def test_only_words_that_were_agreed_and_cleared_leave_the_newest_five(service_of_40):
    cases = service_of_40.cases["accepted"]
    said = say(cases[:20], "good")
    for number in range(6):
        day = DAY + datetime.timedelta(days=number)
        answer = ExperienceAnswerFactory(
            case=cases[20 + number], answered_on=day, words=f"Kind word {number}"
        )
        ExperienceRulingFactory(answer=answer)
    unread, refused, late, back = say(cases[30:34], "good", may_quote=True, words="Hidden word")
    kept = say(cases[34:35], "good", may_quote=False, words="Hidden word")[0]
    ExperienceRulingFactory(answer=kept)
    ExperienceRulingFactory(answer=refused, ruling="not_quoted")
    ExperienceRulingFactory(answer=late, at=FROZEN + datetime.timedelta(days=1))
    ExperienceRulingFactory(answer=back)
    ExperienceRulingFactory(answer=back, ruling="not_quoted", at=back.at + datetime.timedelta(days=1))
    words = json.dumps(section(service_of_40), ensure_ascii=False)
    quoted = [n for n in range(6) if f"Kind word {n}" in words]
    assert quoted == [1, 2, 3, 4, 5]
    assert words.index("Kind word 5") < words.index("Kind word 1")
    assert "Hidden word" not in words
    assert unread.words == "Hidden word"
    assert len(said) == 20


def test_no_file_of_a_report_holds_words_that_were_not_cleared(service_of_40, lead):
    service = service_of_40.service
    say(service_of_40.cases["accepted"][:20], "good", words="Nobody may read this", may_quote=True)
    quoted = say(service_of_40.cases["accepted"][20:21], "good", words="=Kind, they were", may_quote=True)[0]
    ExperienceRulingFactory(answer=quoted)
    report = reports.freeze(service=service, quarter=QUARTER, by=lead)
    assert "Nobody may read this" not in json.dumps(report.snapshot) + json.dumps(report.manifest)
    assert "“=Kind, they were”" in html.document(report)
    tidy = csv.draw(report).decode()
    assert "Kind, they were" not in tidy
    assert "Answers by who gave them" in tidy or "Experience: people supported" in tidy
    assert xlsx.draw(report)


def test_a_year_later_the_same_answers_come_out_whatever_was_decided_since(service_of_40, lead):
    answers = say(service_of_40.cases["accepted"][:20], "good", words="Kind word", may_quote=True)
    ExperienceRulingFactory(answer=answers[0])
    report = reports.freeze(service=service_of_40.service, quarter=QUARTER, by=lead)
    later = FROZEN + datetime.timedelta(days=300)
    ExperienceRulingFactory(answer=answers[0], ruling="mistake", at=later)
    ExperienceRulingFactory(answer=answers[1], at=later)
    say(service_of_40.cases["accepted"][20:30], "poor", at=later)
    found = rederive(report)
    assert found.identical
    assert not found.reasons


def test_counts_of_answers_are_read_by_the_differencing_guard(service_of_40):
    say(service_of_40.cases["accepted"][:20], "good")
    say(service_of_40.cases["accepted"][20:23], "poor")
    content = snapshot.build(service_of_40.service, QUARTER, frozen_at=FROZEN)
    release = read_report(content, DEFAULT_RULE)
    measure = "Experience: people supported"
    about = (measure, "Poor or very poor", "answers", "2026-Q3")
    assert release.counts[about] == Count(1, 7, starred=True)
    totals = {each.total for each in release.sums}
    assert (measure, "All answers", "answers", "2026-Q3") in totals
    assert ("", "Supported in the quarter", "people", "2026-Q3") in totals


def test_what_the_guard_withholds_is_not_printed(service_of_40):
    say(service_of_40.cases["accepted"][:25], "good")
    evidence = evidence_of(service_of_40)
    measure = "Experience: people supported"
    gone = (measure, "All answers", "answers", "2026-Q3")
    object.__setattr__(evidence, "withheld", frozenset({gone}))
    found = rows(experience.build(evidence), "experience_answers")
    assert found["All answers"]["People supported"] == "*"
    assert found["All answers"]["note"] == WITHHELD
    assert rows(experience.build(evidence), "experience_shares")["People supported"]["95% to"] == "*"


def test_few_answers_are_withheld_with_every_total_that_would_give_them_away(service_of_40):
    cases = service_of_40.cases["accepted"]
    for number, rating in enumerate(["good", "neither", "poor", "dont_know"]):
        say(cases[number * 2 : number * 2 + 2], rating)
    answers = rows(section(service_of_40), "experience_answers")
    printed = {row["People supported"] for row in answers.values()}
    assert "2" not in printed
    assert printed <= {"*", "10"}
    assert blocks.suppressed_cells([section(service_of_40)])
