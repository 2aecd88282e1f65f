"""The schemas of the three models, and the codes that may be sent."""

import copy

import pytest

from casework.prsb.schema import Model, coded, codes, problems, schema_of

PERSON = {
    "firstName": "Marigold",
    "familyName": "Featherstone",
    "dateOfBirth": "1980-05-17",
    "nhsNumber": "9990000018",
    "address": "4 Mill Lane",
}
GOOD = {
    "standard": {
        "name": "PRSB Social Prescribing Information Standard",
        "version": "1.1",
        "model": "message",
    },
    "personDemographics": PERSON,
    "gpPractice": {"name": "Mill Practice"},
    "socialPrescribing": {
        "service": "Fenland HIU service",
        "organisation": "Fenland",
        "status": "Active",
        "events": [],
    },
    "outcome": {"status": "Active"},
    "consent": {
        "scope": "Sharing with the GP practice",
        "decision": "Said yes",
        "date": "2026-01-05",
        "method": "By phone",
    },
    "personCompletingRecord": {"name": "Wendy", "organisation": "Fenland HIU service", "date": "2026-03-02"},
    "distribution": [{"kind": "The GP practice", "name": "Mill Practice"}],
}


def changed(path, value):
    document = copy.deepcopy(GOOD)
    *steps, last = path
    part = document
    for step in steps:
        part = part[step]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return document


def test_a_message_that_has_everything_fits():
    assert problems(Model.MESSAGE, GOOD) == []


@pytest.mark.parametrize(
    "path",
    [("phone",), ("personDemographics", "phone"), ("outcome", "note"), ("socialPrescribing", "chaosScore")],
)
def test_nothing_beyond_what_the_model_names_can_be_sent(path):
    assert any("additionalProperties" in found for found in problems(Model.MESSAGE, changed(path, "x")))


@pytest.mark.parametrize("section", list(GOOD))
def test_every_section_is_needed(section):
    assert problems(Model.MESSAGE, changed((section,), None)) == ["document: required"]


@pytest.mark.parametrize(
    "path, value",
    [
        (("personDemographics", "nhsNumber"), "999 000 0018"),
        (("personDemographics", "dateOfBirth"), "17/05/1980"),
        (("personDemographics", "dateOfBirth"), "1980-02-30"),
        (("personDemographics", "familyName"), ""),
        (("standard", "version"), "2.0"),
        (("distribution",), []),
    ],
)
def test_what_has_the_wrong_form_is_found(path, value):
    assert len(problems(Model.MESSAGE, changed(path, value))) >= 1


@pytest.mark.parametrize("model", list(Model))
def test_each_model_closes_every_part_it_defines(model):
    def closed(part):
        if isinstance(part, dict):
            if part.get("type") == "object":
                assert part["additionalProperties"] is False
            for each in part.values():
                closed(each)
        elif isinstance(part, list):
            for each in part:
                closed(each)

    closed(schema_of(model))
    closed(schema_of("common"))


def test_a_code_that_nobody_verified_is_never_sent():
    assert coded("referral")["code"] == "871731000000106"
    assert coded("declined")["code"] == "871711000000103"
    assert coded("offered") == {"term": "Social prescribing offered"}


def test_every_code_has_a_source_and_a_mark():
    assert all(told["source"] and isinstance(told["verified"], bool) for told in codes().values())
    assert codes()["offered"]["code"] == "871691000000100"
