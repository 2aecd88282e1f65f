"""Each preset that comes with the product can be loaded, and says what it cannot bring."""

import pytest

from casework.actions import preset as presets
from casework.presets import read
from cohorts.lists.sentences import sentence
from governance.models.preset import PartKind
from governance.rules import RuleBroken
from tests.casework.preset_files import write

SHIPPED = read.names()
# Of each service: what its rules ask, as the documents about it have it.
RULES = {
    "starter_pack": [(">", 5, 12, 250)],
    "cambridgeshire_peterborough": [(">=", 10, 12, None)],
    "trent": [(">=", 7, 12, None)],
    "rightcare": [(">=", 1, 12, 50)],
    "red_cross": [(">=", 5, 12, None)],
    "east_kent": [(">", 5, 3, 250), (">", 5, 3, None)],
    "kernow": [(">=", 1, 12, 50), (">=", 1, 12, 50)],
    "southport_formby": [(">=", 4, 12, 50)],
    "stockport": [(">", 5, 3, None), (">", 5, 12, None)],
    "chelsea_westminster": [],
    "blackpool_2014": [],
    "starter_pack_service_1": [],
    "starter_pack_service_2": [(">", 10, 12, None)],
    "starter_pack_service_3": [(">", 5, 3, None)],
}


def test_the_starter_pack_and_every_known_service_have_one():
    assert set(RULES) == set(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_it_asks_what_the_service_asks_and_says_what_it_lacks(name):
    preset = read.load(name)
    terms = [part.content for part in preset.parts if part.kind == PartKind.RULE]
    asked = [(t["operator"], t["count"], t["window_months"], t["top_n"]) for t in terms]
    assert asked == RULES[name]
    assert preset.not_yet
    assert preset.source


@pytest.mark.django_db
@pytest.mark.parametrize("name", SHIPPED)
def test_it_can_be_loaded_and_again_changes_nothing(service, name):
    preset = read.load(name)
    first = presets.load(service=service, preset=preset, by=None)
    again = presets.load(service=service, preset=preset, by=None)
    assert first.created == len(preset.parts)
    assert (again.created, again.changed, again.kept) == (0, 0, 0)
    assert service.cohort_rules.count() == len(RULES[name])
    assert service.preset_parts.count() == len(preset.parts)


@pytest.mark.django_db
def test_the_starter_pack_reads_as_its_agreement_has_it(service):
    presets.load(service=service, preset=read.load("starter-pack"), by=None)
    words = sentence(service.cohort_rules.get())
    assert "more than 5 A&E attendances in the 12 months" in words
    assert "at least 1 in the last 3 months; the first 250" in words
    fields = service.preset_parts.get(kind="agreement").content["allowed_fields"]
    assert len(fields) == 13  # the twelve of the agreement, the name in two


def test_southport_asks_for_more_than_one_admission_and_older_than_18():
    terms = next(part.content for part in read.load("southport_formby").parts if part.kind == PartKind.RULE)
    assert (terms["admissions_operator"], terms["min_admissions"], terms["min_age"]) == (">", 1, 19)


def test_the_targets_of_the_red_cross_are_phased_by_quarter():
    kpis = next(part.content for part in read.load("red_cross").parts if part.kind == PartKind.KPIS)
    phased = next(kpi["phased"] for kpi in kpis if kpi["number"] == "5.1")
    assert (sum(phased[:4]), sum(phased[4:])) == (117, 120)


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(RuleBroken, match=r"no preset called \"wonderland\". Choose from: .*starter_pack"):
        read.load("wonderland")


@pytest.mark.parametrize(
    "broken, said",
    [
        ('first = "y"', "says first"),
        ("version = 1", "'title'"),
        ("= 1", "cannot be used"),
    ],
)
def test_a_file_that_is_no_preset_says_so(folder, broken, said):
    (folder / "broken.toml").write_text(broken)
    with pytest.raises(RuleBroken, match=said):
        read.load("broken")


@pytest.mark.parametrize(
    "first, said",
    [("5", "is not a count"), (">=0", "everyone has at least 0")],
)
def test_a_rule_that_makes_no_sense_is_refused(folder, first, said):
    write(folder, first=first)
    with pytest.raises(RuleBroken, match=said):
        read.load("two")


def test_a_field_or_profile_that_nobody_knows_is_refused(folder):
    text = (folder / "two.toml").read_text()
    for extra, name in (
        ('[[sources]]\nname = "x"\nprofile = "nowhere"', "nowhere"),
        ('[agreement]\nallowed_fields = ["shoe_size"]', "shoe_size"),
    ):
        (folder / "two.toml").write_text(f"{text}\n{extra}\n")
        with pytest.raises(RuleBroken, match=f"nothing is called {name}"):
            read.load("two")
