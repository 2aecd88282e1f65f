"""What the pages of an assessment show."""

from dataclasses import dataclass
from typing import Any

from governance import checklist
from governance.models import ImpactAnswer, ImpactAssessment, ImpactVersion, Service


@dataclass(frozen=True)
class StepState:
    """A step of the checklist and how much of it is answered."""

    step: checklist.Step
    answered: int

    @property
    def of(self) -> int:
        return len(self.step.questions)


def listed(service: Service) -> list[dict[str, Any]]:
    """Every assessment with its newest version and whether that is signed off."""
    found = service.impact_assessments.prefetch_related("versions__sign_off")
    return [
        {"assessment": each, "version": newest, "sign_off": getattr(newest, "sign_off", None)}
        for each in found
        for newest in each.versions.all()[:1]
    ]


def of(assessment: ImpactAssessment) -> dict[str, Any]:
    """One assessment: its steps, its versions and who signed which."""
    versions = list(assessment.versions.select_related("begun_by", "sign_off"))
    newest = versions[0]
    questions = checklist.load(assessment.kind)
    standing = newest.standing()
    return {
        "assessment": assessment,
        "checklist": questions,
        "versions": versions,
        "newest": newest,
        "sign_off": getattr(newest, "sign_off", None),
        "steps": [StepState(step, _answered(step, standing)) for step in questions.steps],
    }


def printed(version: ImpactVersion) -> dict[str, Any]:
    """A version with its questions as they were asked, and the answers."""
    questions = checklist.load(version.assessment.kind)
    standing = version.standing()
    parts = [
        {"title": step.title, "rows": [_row(question, standing) for question in step.questions]}
        for step in questions.steps
    ]
    known = {question.key for question in questions.questions}
    if earlier := [row for key, row in standing.items() if key not in known]:
        parts.append({"title": "Asked in an earlier edition", "rows": [_as_asked(row) for row in earlier]})
    return {
        "version": version,
        "assessment": version.assessment,
        "checklist": questions,
        "parts": parts,
        "sign_off": getattr(version, "sign_off", None),
    }


def _answered(step: checklist.Step, standing: dict[str, ImpactAnswer]) -> int:
    rows = [standing.get(question.key) for question in step.questions]
    return sum(1 for row in rows if row and (row.choice or row.text))


def _row(question: checklist.Question, standing: dict[str, ImpactAnswer]) -> dict[str, Any]:
    row = standing.get(question.key)
    return _as_asked(row) if row else {"asked": question.ask, "choice": "", "text": ""}


def _as_asked(row: ImpactAnswer) -> dict[str, Any]:
    return {"asked": row.asked, "choice": row.choice.capitalize(), "text": row.text}
