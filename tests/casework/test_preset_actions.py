import pytest

from casework.actions import instrument
from casework.actions import preset as presets
from casework.models import Instrument
from casework.presets import plan, read
from cohorts.actions import rule as rules
from governance.models import AuditEvent, PresetLoad, PresetPart
from governance.rules import RuleBroken
from tests.casework.preset_files import write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def load(service, **told):
    return presets.load(service=service, preset=read.load("two"), by=None, **told)


def counts(loaded):
    return loaded.created, loaded.changed, loaded.kept


def newest(service, slug="first"):
    return service.cohort_rules.filter(slug=slug).order_by("-version").first()


def change_here(service):
    terms = plan.terms_of(newest(service)) | {"count": 8}
    rules.save(service=service, slug="first", by=None, **terms)


def test_a_service_takes_over_rules_instrument_and_targets(service, lead):
    loaded = presets.load(service=service, preset=read.load("two"), by=lead)
    assert counts(loaded) == (4, 0, 0)
    assert service.cohort_rules.count() == 2
    assert service.instruments.get().slug == "chaos-score"
    assert service.preset_parts.get(kind="kpis").content[0]["target"] == 30
    row = service.preset_loads.get()
    assert (row.version, row.loaded_by) == (1, lead)
    event = AuditEvent.objects.filter(event="preset_loaded").get()
    assert event.changes == {"preset": "two", "version": [None, 1], "created": 4, "changed": 0, "kept": 0}


def test_an_instrument_that_every_service_uses_will_do(service):
    instrument.load()
    load(service)
    assert Instrument.objects.count() == 1


def test_loading_again_changes_nothing(service):
    load(service)
    before = AuditEvent.objects.count()
    assert counts(load(service)) == (0, 0, 0)
    assert (AuditEvent.objects.count(), service.cohort_rules.count()) == (before, 2)


def test_a_newer_version_adds_a_version_of_the_rule_and_keeps_the_first(service, folder):
    load(service)
    write(folder, version=2, first=">=7", target=40)
    assert counts(load(service)) == (0, 2, 0)
    assert list(service.cohort_rules.filter(slug="first").values_list("version", "operator", "count")) == [
        (2, ">=", 7),
        (1, ">", 5),
    ]
    assert newest(service, "second").version == 1
    assert plan.newest_loads(service)["two"].version == 2
    assert counts(load(service)) == (0, 0, 0)


def test_a_rule_the_service_changed_stays_as_it_is(service, folder):
    load(service)
    change_here(service)
    write(folder, version=2, first=">=7", target=40)
    for expected in ((0, 1, 1), (0, 0, 1)):
        assert counts(load(service)) == expected
    assert newest(service).count == 8


def test_what_the_service_changed_gives_way_only_when_asked(service, folder):
    load(service)
    change_here(service)
    write(folder, version=2, first=">=7")
    assert counts(load(service, replace=True)) == (0, 1, 0)
    assert (newest(service).count, newest(service).version) == (7, 3)
    assert counts(load(service, replace=True)) == (0, 0, 0)


def test_a_local_change_can_be_taken_back_to_the_version_that_is_loaded(service):
    load(service)
    change_here(service)
    assert counts(load(service, replace=True)) == (0, 1, 0)
    assert newest(service).count == 5


def test_a_rule_of_the_same_name_that_was_there_first_stays(service):
    rules.save(service=service, slug="first", title="Ours", count=9, window_months=6, by=None)
    assert counts(load(service)) == (3, 0, 1)
    assert newest(service).title == "Ours"


def test_the_same_version_with_another_content_is_refused(service, folder):
    load(service)
    write(folder, first=">9")
    with pytest.raises(RuleBroken, match="new version number"):
        load(service)


def test_an_older_version_is_refused(service, folder):
    write(folder, version=3)
    load(service)
    write(folder, version=2)
    with pytest.raises(RuleBroken, match="version 3 of Two rules, which is newer"):
        load(service)


def test_a_neighbour_is_not_touched(service, neighbour):
    load(service)
    assert not neighbour.cohort_rules.exists()
    assert not neighbour.preset_parts.exists()


def test_nothing_is_saved_when_the_audit_fails(service, audit_fails):
    with pytest.raises(audit_fails):
        load(service)
    assert (PresetLoad.objects.count(), PresetPart.objects.count()) == (0, 0)


def test_a_rule_taken_over_before_a_setting_was_there_is_not_taken_for_the_services_own(service, folder):
    """Presets loaded by an older release said less of a rule than this one does."""
    whole = next(part for part in read.load("two").parts if part.key == "first")
    old = {name: whole.content[name] for name in ("title", "measure", "operator", "count", "window_months")}
    rules.save(service=service, slug="first", by=None, **whole.content)
    told = {"preset": "two", "version": 1}
    service.preset_loads.create(sha256=read.load("two").sha256, **told)
    service.preset_parts.create(kind="rule", key="first", content=old, **told)
    write(folder, version=2, first=">=7")
    load(service)
    assert newest(service).count == 7
