"""Data protection and equality assessments: begun, answered, signed off, and looked at again."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from governance import audit, checklist
from governance.models import ImpactAssessment, ImpactVersion, Service, User
from governance.rules import RuleBroken


@dataclass(frozen=True)
class Answer:
    """What was chosen and written for one question."""

    choice: str = ""
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.choice or self.text)


@transaction.atomic
def begin(*, service: Service, kind: str, title: str, by: User) -> ImpactAssessment:
    """A new assessment with its first version, a draft.

    Raises:
        RuleBroken: when the service has one of that kind and title.
    """
    if service.impact_assessments.filter(kind=kind, title=title).exists():
        raise RuleBroken(f'There is an assessment called "{title}" already. Open that one.')
    assessment = service.impact_assessments.create(kind=kind, title=title, started_by=by)
    edition = checklist.load(kind).edition
    assessment.versions.create(service=service, number=1, edition=edition, begun_by=by)
    audit.record("assessment_begun", service=service, by=by, on=assessment, changes={"kind": kind})
    return assessment


@transaction.atomic
def answer(*, assessment: ImpactAssessment, answers: Mapping[str, Answer], by: User) -> int:
    """Keep the answers that are different from those that stand; returns how many.

    Args:
        answers: by the key of the question.

    Raises:
        RuleBroken: when the newest version is signed off, or a question is not in the checklist.
    """
    version = _open_version(assessment)
    questions = {question.key: question for question in checklist.load(assessment.kind).questions}
    if unknown := sorted(set(answers) - set(questions)):
        raise RuleBroken(f"This checklist has no question “{unknown[0]}”. Open the page again.")
    standing = _standing(version)
    new = {key: given for key, given in answers.items() if given != standing.get(key, Answer())}
    for key, given in new.items():
        version.answers.create(
            service=assessment.service,
            question=key,
            asked=questions[key].ask,
            choice=given.choice,
            text=given.text,
            by=by,
        )
    if new:
        changes = {"version": version.number, "questions": sorted(new)}
        audit.record("assessment_answered", service=assessment.service, by=by, on=assessment, changes=changes)
    return len(new)


@transaction.atomic
def sign_off(
    *, assessment: ImpactAssessment, name: str, role: str, signed_on: datetime.date, by: User
) -> None:
    """Close the newest version: somebody stands for it.

    Raises:
        RuleBroken: it is signed off, a question has no answer, or the day has not come.
    """
    version = _open_version(assessment)
    if signed_on > timezone.localdate():
        raise RuleBroken("The day of the signature is in the future. Enter the day it was signed.")
    standing = _standing(version)
    left = [q for q in checklist.load(assessment.kind).questions if standing.get(q.key, Answer()).is_empty]
    if left:
        first = left[0].ask
        raise RuleBroken(f"{len(left)} of the questions have no answer yet. The first is: {first}")
    version_signed = assessment.service.impact_sign_offs.create(
        version=version, name=name, role=role, signed_on=signed_on, recorded_by=by
    )
    changes = {"assessment": assessment.pk, "version": version.number}
    audit.record(
        "assessment_signed_off", service=assessment.service, by=by, on=version_signed, changes=changes
    )


@transaction.atomic
def look_again(*, assessment: ImpactAssessment, why: str, by: User) -> ImpactVersion:
    """Begin the next version with the answers of the one that is signed off.

    Raises:
        RuleBroken: when the newest version is still a draft.
    """
    newest = _newest_locked(assessment)
    if not _is_signed(newest):
        raise RuleBroken(f"Version {newest.number} is still a draft. Change its answers instead.")
    edition = checklist.load(assessment.kind).edition
    version = assessment.versions.create(
        service=assessment.service, number=newest.number + 1, edition=edition, why=why, begun_by=by
    )
    changes = {"version": [newest.number, version.number]}
    audit.record(
        "assessment_looked_at_again", service=assessment.service, by=by, on=assessment, changes=changes
    )
    return version


def _standing(version: ImpactVersion) -> dict[str, Answer]:
    return {key: Answer(row.choice, row.text) for key, row in version.standing().items()}


def _newest_locked(assessment: ImpactAssessment) -> ImpactVersion:
    # Two people at one assessment wait for each other here.
    ImpactAssessment.objects.select_for_update().get(pk=assessment.pk)
    return assessment.versions.select_related("service").latest("number")


def _open_version(assessment: ImpactAssessment) -> ImpactVersion:
    newest = _newest_locked(assessment)
    if _is_signed(newest):
        raise RuleBroken(
            f"Version {newest.number} is signed off and stays as it is. Begin the next one first."
        )
    return newest


def _is_signed(version: ImpactVersion) -> bool:
    return version.service.impact_sign_offs.filter(version=version).exists()
