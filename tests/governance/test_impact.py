"""Assessments: questions from a file, answers as rows, versions that somebody stands for."""

import datetime

import pytest
from django.db import transaction
from django.urls import reverse

from governance import audit, checklist, printing
from governance.actions import impact as actions
from governance.actions.impact import Answer
from governance.models import ImpactAnswer, ImpactKind
from governance.rules import RuleBroken
from tests.factories.governance import ImpactAssessmentFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 3, 2)


@pytest.fixture
def dpia(service):
    return ImpactAssessmentFactory(service=service, title="Attendances")


def answer(assessment, by, **texts):
    answers = {key: Answer(text=text) for key, text in texts.items()}
    return actions.answer(assessment=assessment, answers=answers, by=by)


def answer_all(assessment, by):
    questions = checklist.load(assessment.kind).questions
    return answer(assessment, by, **{question.key: "We thought about it." for question in questions})


def sign_off(assessment, by):
    actions.sign_off(assessment=assessment, name="Dora", role="DPO", signed_on=DAY, by=by)


@pytest.mark.parametrize("kind", ImpactKind.values)
def test_a_checklist_has_steps_with_questions_of_one_key_each(kind):
    questions = checklist.load(kind)
    keys = [question.key for question in questions.questions]
    assert len(keys) == len(set(keys)) > 8
    assert all(step.questions for step in questions.steps)


def test_the_equality_assessment_asks_about_every_protected_characteristic():
    step = checklist.load("equality").step("characteristics")
    assert len(step.questions) == 9


def test_only_answers_that_changed_become_rows_and_the_newest_stands(dpia, ig_lead):
    assert answer(dpia, ig_lead, aim="Help", scope="All") == 2
    assert answer(dpia, ig_lead, aim="Help people", scope="All") == 1
    assert answer(dpia, ig_lead, aim="Help people", scope="All") == 0
    assert ImpactAnswer.objects.count() == 3
    standing = dpia.versions.get().standing()
    assert standing["aim"].text == "Help people"
    assert standing["aim"].asked == "What is the work meant to do, and for whom?"


def test_nobody_signs_off_what_is_not_answered(dpia, ig_lead):
    answer(dpia, ig_lead, aim="Help")
    with pytest.raises(RuleBroken, match="have no answer yet"):
        sign_off(dpia, ig_lead)


def test_what_is_signed_off_stays_and_the_next_version_begins_with_its_answers(dpia, ig_lead):
    answer_all(dpia, ig_lead)
    sign_off(dpia, ig_lead)
    with pytest.raises(RuleBroken, match="is signed off and stays as it is"):
        answer(dpia, ig_lead, aim="Other")
    with pytest.raises(RuleBroken, match="is signed off"):
        sign_off(dpia, ig_lead)
    second = actions.look_again(assessment=dpia, why="A new feed", by=ig_lead)
    answer(dpia, ig_lead, aim="Help more people")
    first = dpia.versions.get(number=1)
    assert first.standing()["aim"].text == "We thought about it."
    assert second.standing()["aim"].text == "Help more people"
    assert second.standing()["scope"].text == "We thought about it."


def test_a_draft_is_changed_and_not_begun_again(dpia, ig_lead):
    with pytest.raises(RuleBroken, match="still a draft"):
        actions.look_again(assessment=dpia, why="x", by=ig_lead)


def test_an_unknown_question_is_refused(dpia, ig_lead):
    with pytest.raises(RuleBroken, match="no question"):
        answer(dpia, ig_lead, colour="red")


def test_no_answer_is_kept_when_the_audit_fails(dpia, ig_lead, monkeypatch):
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        answer(dpia, ig_lead, aim="Help")
    assert not ImpactAnswer.objects.exists()


def address(name, *args):
    return reverse(f"governance:{name}", args=args)


def test_ig_lead_begins_answers_and_signs_off_on_pages(service, ig_lead, as_user):
    client = as_user(ig_lead)
    client.post(address("assessment_new"), {"kind": "equality", "title": "Outreach"})
    made = service.impact_assessments.get()
    step = address("assessment_step", made.pk, "characteristics")
    client.post(step, {"age-choice": "worse off", "age": "Older people are not reached by text."})
    assert made.versions.get().standing()["age"].choice == "worse off"
    assert "Older people are not reached by text." in client.get(step).content.decode()
    body = client.get(address("assessment", made.pk)).content.decode()
    assert "1 of 9 answered" in body
    answer_all(made, ig_lead)
    given = {"name": "Dora", "role": "DPO", "signed_on_day": 2, "signed_on_month": 3, "signed_on_year": 2026}
    client.post(address("assessment_sign_off", made.pk), given)
    body = client.get(address("assessments")).content.decode()
    assert "signed off 2 March 2026 by Dora" in body
    printed = client.get(address("assessment_version", made.versions.get().pk)).content.decode()
    assert "Signed off on 2 March 2026 by Dora, DPO" in printed


def test_an_unknown_step_is_not_found(dpia, ig_lead, as_user):
    assert as_user(ig_lead).get(address("assessment_step", dpia.pk, "colour")).status_code == 404


def test_an_assessment_is_a_pdf(dpia, ig_lead, as_user):
    if printing.why_not():
        pytest.skip(printing.why_not())
    response = as_user(ig_lead).get(address("assessment_pdf", dpia.versions.get().pk))
    assert response.content.startswith(b"%PDF")
