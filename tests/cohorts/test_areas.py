"""Published files of areas: loaded whole or not at all, by the areas of their own census, and never mixed."""

import gzip
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse

from cohorts.areas import living, published
from cohorts.areas.editions import EDITIONS, Kind
from cohorts.models import AreaDecile, PostcodeArea, ReferenceFile
from governance import scope
from governance.database import changes
from governance.models import AuditEvent
from governance.rules import RuleBroken
from tests.cohorts.areas import load, write
from tests.cohorts.pipeline import shared
from tests.factories.cohorts import CandidateFactory, CohortListFactory
from tests.factories.governance import PersonFactory
from tests.queries import PageQueries

IMD_2019, IMD_2025 = EDITIONS

OFFICIAL_2019 = (
    "LSOA code (2011),LSOA name (2011),Index of Multiple Deprivation (IMD) Rank (where 1 is most deprived),"
    "Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs),"
    "Income Decile (where 1 is most deprived 10% of LSOAs)\n"
    "E01000001,City of London 001A,29199,9,10\n"
)


@pytest.mark.parametrize(
    "header, kind, areas",
    [
        ("lsoa11_code,IMD_decile,Income_decile,IMD_rank", Kind.IMD_2019, {2011: 0}),
        ("lsoa21_code,IMD_decile,IMD_rank,IMD_score", Kind.IMD_2025, {2021: 0}),
        (OFFICIAL_2019.splitlines()[0], Kind.IMD_2019, {2011: 0}),
        ("pcd7,laua,lsoa11,lsoa11nm,imd2019_decile", Kind.POSTCODES, {2011: 2}),
        ("pcds,lsoa11cd,lsoa21cd", Kind.POSTCODES, {2011: 1, 2021: 2}),
    ],
)
def test_a_file_is_known_by_its_headings(header, kind, areas):
    columns = published.columns_of(next(iter(published.csv.reader([header]))))
    assert (columns.kind, columns.areas) == (kind, areas)


@pytest.mark.parametrize(
    "header",
    [[], ["lsoa_code", "IMD_decile"], ["lsoa11", "lsoa21", "imd_decile"], ["lsoa11_code", "Income_decile"]],
)
def test_headings_that_leave_it_open_are_refused(header):
    with pytest.raises(RuleBroken, match="cannot be told by its headings"):
        published.columns_of(header)


@pytest.mark.django_db
def test_the_command_loads_it_says_what_it_is_and_again_changes_nothing(tmp_path, capsys):
    path = tmp_path / "imd.csv.gz"
    path.write_bytes(gzip.compress(OFFICIAL_2019.encode("utf-8-sig")))
    call_command("load_reference", str(path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["year"], told["areas_of"], told["rows"]) == ("imd_2019", 2019, [2011], 1)
    assert (told["licence"], told["changed"]) == ("Open Government Licence v3.0", True)
    assert "1 areas, and all of IMD 2019 has 32,844" in told["remarks"][0]
    row = AreaDecile.objects.get()
    assert (row.area, row.decile, row.file.year) == ("E01000001", 9, 2019)
    assert AuditEvent.objects.filter(event="reference_loaded").count() == 1
    call_command("load_reference", str(path))
    assert "Nothing was changed" in capsys.readouterr().out
    assert ReferenceFile.objects.count() == 1


@pytest.mark.django_db
def test_a_newer_file_takes_the_place_of_its_own_kind_alone(tmp_path):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,9", "E01000002,1"))
    load(write(tmp_path, "lsoa21_code,IMD_decile", "E01000001,8"))
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,7"))
    found = set(AreaDecile.objects.values_list("edition", "area", "decile"))
    assert found == {("imd_2019", "E01000001", 7), ("imd_2025", "E01000001", 8)}
    assert living.loaded().files["imd_2019"].rows == 1


@pytest.mark.django_db
def test_the_editions_are_never_mixed(tmp_path):
    path = write(tmp_path, "lsoa21_code,IMD_decile", "E01000001,8")
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,9"))
    with pytest.raises(RuleBroken, match="IMD 2019 is about the areas of 2011, and these are areas of 2021"):
        published.opened(path, Kind.IMD_2019)
    with pytest.raises(CommandError, match="Their codes look alike"):
        call_command("load_reference", str(path), "--kind", "imd_2019")
    load(path)
    with pytest.raises(RuleBroken, match="IMD 2025 is about the areas of 2021"):
        living.deciles(IMD_2025, ["E01000001"], areas_of=2011)
    assert living.deciles(IMD_2025, ["E01000001"], areas_of=2021) == {"E01000001": 8}
    assert living.deciles(IMD_2019, ["E01000001"], areas_of=2011) == {"E01000001": 9}


@pytest.mark.django_db
def test_where_somebody_lives_is_found_by_postcode_and_nothing_is_made_up(tmp_path):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,9", "E01000002,2"))
    load(
        write(
            tmp_path, "pcds,lsoa11,lsoa21", "QX1 1AA,E01000001,E01000009", "QX11AB,,E01000009", "ZZ9 9ZZ,S01,"
        )
    )
    assert PostcodeArea.objects.count() == 2
    found = living.deciles_by_postcode(["qx1 1aa", "QX1 1AB", "QX9 9XX", ""])
    assert found == {"qx1 1aa": {"imd_2019": 9}, "QX1 1AB": {}, "QX9 9XX": {}}
    loaded = living.loaded()
    assert loaded.knows(IMD_2019)
    assert "the file of IMD 2025 was not loaded" in loaded.why_not(IMD_2025)


@pytest.mark.django_db
def test_a_file_of_postcodes_without_areas_of_2021_says_nothing_of_2025(tmp_path):
    load(write(tmp_path, "lsoa21_code,IMD_decile", "E01000001,8"))
    assert "a file of postcodes with their LSOA of 2021 was not" in living.loaded().why_not(IMD_2025)
    load(write(tmp_path, "pcd7,lsoa11", "QX1 1AA,E01000001"))
    assert not living.loaded().knows(IMD_2025)
    assert living.deciles_by_postcode(["QX1 1AA"]) == {"QX1 1AA": {}}


@pytest.mark.django_db
def test_the_notes_of_the_database_agree_with_what_was_loaded_and_replaced(tmp_path):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,9", "E01000002,1"))
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,8"))
    load(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001"))
    ours = {model._meta.db_table for model in (AreaDecile, PostcodeArea, ReferenceFile)}
    assert changes.differences([each for each in changes.noted_tables() if each.table in ours]) == []


BAD = {
    "E01000001,11": 'Line 2: "11" is not a decile',
    "E01000001,": 'Line 2: "" is not a decile',
    "W01000001,1": 'Line 2: "W01000001" is not the code of an LSOA in England',
    "E01000001": "Line 2 has 1 cells",
    "": "There is no row in this file",
    "E01000001,1\nE01000001,2": "comes twice",
}


@pytest.mark.django_db
@pytest.mark.parametrize("rows, said", BAD.items())
def test_a_bad_line_is_named_and_what_was_there_stays(tmp_path, rows, said):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,9"))
    with pytest.raises(CommandError, match=said):
        call_command("load_reference", str(write(tmp_path, "lsoa11_code,IMD_decile", rows)))
    assert AreaDecile.objects.get().decile == 9


@pytest.mark.parametrize(
    "content, said", [(b"\x1f\x8bno gzip", "damaged"), (b"\xff\xfe\x00", "damaged"), (b"", "headings")]
)
def test_what_is_no_such_file_is_refused_in_a_sentence(tmp_path, content, said):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=said):
        call_command("load_reference", str(path))


def test_a_file_that_is_not_there_and_postcodes_without_a_source_are_refused(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_reference", str(tmp_path / "nowhere.csv"))
    with pytest.raises(CommandError, match="--source"):
        call_command("load_reference", str(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001")))


@pytest.mark.django_db
def test_published_figures_are_the_same_for_every_service(tmp_path, service):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,9"))
    with scope.of(service, people=False):
        assert AreaDecile.objects.count() == 1


@pytest.mark.django_db
def test_the_published_files_load_whole():
    for name, kind in (("imd2019_england_lsoa11", "imd_2019"), ("imd2025_england_lsoa21", "imd_2025")):
        taken = load(shared(f"ref_imd/{name}.csv.gz"))
        assert (taken.file.kind, taken.remarks) == (kind, [])
    assert AreaDecile.objects.filter(edition="imd_2019", decile=1).count() == 3284
    load(shared("ref_postcodes/postcode_lsoa11_FY_HU_PL.csv.gz"))
    assert living.deciles_by_postcode(["FY0 1BR"]) == {"FY0 1BR": {"imd_2019": 4}}


@pytest.mark.django_db
def test_the_line_shows_who_falls_below_it_by_deprivation(tmp_path, service, lead, as_user):
    load(write(tmp_path, "lsoa11_code,IMD_decile", "E01000001,1"))
    load(write(tmp_path, "pcds,lsoa11", "QX1 1AA,E01000001"))
    cohort_list = CohortListFactory(rule__service=service, selected=2)
    CandidateFactory(cohort_list=cohort_list, person=PersonFactory(service=service, postcode="QX1 1AA"))
    CandidateFactory(cohort_list=cohort_list, person=PersonFactory(service=service))
    client, address = as_user(lead), reverse("cohorts:line", args=[cohort_list.pk])
    with PageQueries() as few:
        page = client.get(address, {"places": 1}).content.decode()
    assert "Deprivation (IMD 2019)" in page
    assert "1 (most deprived)" in page
    assert "Deprivation (IMD 2025): not supplied." in page
    for n in range(8):
        person = PersonFactory(service=service, postcode=f"QX1 1A{'ABDEFGHJ'[n]}")
        CandidateFactory(cohort_list=cohort_list, person=person)
    with PageQueries() as many:
        client.get(address, {"places": 1})
    assert len(many.page) == len(few.page)
