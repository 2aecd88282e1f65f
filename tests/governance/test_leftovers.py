"""The search that proves that people are gone."""

import zipfile

import pytest

from governance import leftovers
from governance.leftovers import Identity, Needles
from tests.factories.casework import CaseFactory, ContactFactory
from tests.factories.governance import PersonFactory

ZEPHYRINE = Identity("9990000018", "P-77", "Zephyrine", "Quagmire", "01234 567 890")


@pytest.mark.parametrize(
    "text",
    [
        "9990000018",
        "NHS no 999 000 0018.",
        "999-000-0018",
        "ring zephyrine QUAGMIRE back",
        "Quagmire, Zephyrine",
        '{"said by": "Zephyrine Quagmire"}',
        "pseudonym P-77;",
        "01234-567890 or 01234 567 890",
    ],
)
def test_a_person_is_found_however_they_are_written(text):
    assert Needles([ZEPHYRINE]).are_in(text)


@pytest.mark.parametrize("text", ["", "Zephyrine", "Mrs Quagmire", "99900000181", "1999 000 0018", "P-7"])
def test_part_of_an_identifier_is_nobody(text):
    assert not Needles([ZEPHYRINE]).are_in(text)


def test_a_name_or_phone_somebody_else_has_proves_nothing_but_the_number_does():
    needles = Needles(
        [ZEPHYRINE], others=[("zephyrine", "quagmire", "01234 567890"), ("A", "B", "01234 567 890")]
    )
    assert not needles.are_in("Zephyrine Quagmire, 01234 567 890")
    assert needles.are_in("9990000018")


def test_nothing_to_look_for_finds_nothing():
    assert not Needles([Identity(None, None, "", "", "")]).are_in("anything at all")


@pytest.mark.django_db
def test_a_leftover_in_any_text_of_the_service_is_found_and_named_by_its_column(service, neighbour):
    for place in (service, neighbour):
        case = CaseFactory(service=place, person=PersonFactory(service=place))
        ContactFactory(case=case, note="Zephyrine Quagmire's brother rang")
    found = leftovers.search(service, [ZEPHYRINE])
    assert found.places == {"casework_contact.note": 1}
    assert found.columns > 50


@pytest.mark.django_db
def test_a_leftover_in_a_file_is_found_also_inside_a_workbook(service, neighbour, settings):
    folder = settings.MEDIA_ROOT / "extracts" / str(service.pk)
    folder.mkdir(parents=True)
    (folder / "a").write_text("NHS number\n9990000018\n")
    with zipfile.ZipFile(folder / "b", "w") as book:
        book.writestr("xl/sharedStrings.xml", "<si><t>Zephyrine Quagmire</t></si>")
    (folder / "c").write_text("nobody")
    theirs = settings.MEDIA_ROOT / "extracts" / str(neighbour.pk)
    theirs.mkdir()
    (theirs / "d").write_text("9990000018")
    found = leftovers.search(service, [ZEPHYRINE])
    assert (found.files, found.in_files) == (3, 2)
