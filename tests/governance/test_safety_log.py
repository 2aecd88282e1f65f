"""The hazard log that comes with the product is in order, and what it names exists."""

import dataclasses

import pytest

from governance.safety import log
from governance.safety.log import Control, Risk, Status
from governance.safety.matrix import MATRIX, Likelihood, Severity, rating
from tests.test_words import hits

SHIPPED = log.read()


def test_the_log_is_in_order():
    assert log.problems(SHIPPED) == []


def test_every_test_and_document_it_names_exists():
    assert log.missing_evidence(SHIPPED) == []


def test_there_are_at_least_twenty_hazards_with_an_owner_each():
    assert len(SHIPPED.hazards) >= 20
    assert all(hazard.owner and hazard.effect for hazard in SHIPPED.hazards)


def test_the_log_keeps_to_our_words():
    assert hits(log.FILE.read_text()) == []


def with_hazard(**changed):
    return dataclasses.replace(SHIPPED, hazards=(dataclasses.replace(SHIPPED.hazards[0], **changed),))


UNDESIRABLE = Risk(Severity.MAJOR, Likelihood.LOW)
UNACCEPTABLE = Risk(Severity.CATASTROPHIC, Likelihood.MEDIUM)


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"controls": ()}, "no control"),
        ({"causes": ()}, "no cause"),
        ({"controls": (Control("Somebody looks"),)}, "neither a test nor a document"),
        ({"after": UNDESIRABLE, "acceptance": ""}, "Say why it is accepted"),
        ({"after": UNDESIRABLE, "acceptance": "  "}, "Say why it is accepted"),
        ({"after": UNACCEPTABLE, "before": UNACCEPTABLE, "acceptance": "We must"}, "nobody can accept"),
        (
            {"after": UNDESIRABLE, "before": Risk(Severity.MINOR, Likelihood.LOW)},
            "higher than the one before",
        ),
    ],
)
def test_a_hazard_that_is_not_in_order_is_named(changed, said):
    assert any(said in sentence for sentence in log.problems(with_hazard(**changed)))


def test_a_reason_lets_an_undesirable_risk_stand():
    accepted = with_hazard(
        after=UNDESIRABLE, before=UNDESIRABLE, acceptance="Because", status=Status.ACCEPTED
    )
    assert log.problems(accepted) == []


def test_a_number_used_twice_is_named():
    twice = dataclasses.replace(SHIPPED, hazards=SHIPPED.hazards[:1] * 2)
    assert log.problems(twice) == ["H01 is the number of two hazards."]


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_words.py::test_that_is_not_there",
        "tests/not_there.py::test_x",
        "docs/not-there.md",
    ],
)
def test_evidence_that_is_not_there_is_named(name):
    found = log.missing_evidence(with_hazard(controls=(Control("x", (name,)),)))
    assert found == [f"H01 names {name}, which does not exist."]


def test_a_worse_or_likelier_risk_is_never_rated_lower():
    levels, chances = list(Severity), list(Likelihood)
    for i, severity in enumerate(levels):
        for j, chance in enumerate(chances):
            below = [rating(levels[i - 1], chance)] if i else []
            below += [rating(severity, chances[j - 1])] if j else []
            assert all(number <= rating(severity, chance) for number in below)
    assert {number for row in MATRIX.values() for number in row} == {1, 2, 3, 4, 5}


def test_a_file_that_is_no_log_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "hazards.toml"
    for content, said in (("= nothing", "not in order"), ('title = "x"', "not in order")):
        path.write_text(content)
        with pytest.raises(log.BadLog, match=said):
            log.read(path)
    with pytest.raises(log.BadLog, match="cannot be read"):
        log.read(tmp_path / "none.toml")
