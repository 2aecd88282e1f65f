import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from casework.actions import preset as presets
from casework.presets import read
from cohorts.actions import rule as rules
from governance.models import PresetLoad
from tests.casework.preset_files import write
from tests.factories.governance import ServiceFactory

pytestmark = pytest.mark.django_db


def run(capsys, *words):
    call_command(*words)
    return capsys.readouterr().out


def test_the_command_prints_one_object(service, capsys):
    words = ("load_preset", "starter_pack", "--service", "fenland", "--json")
    told = json.loads(run(capsys, *words))
    assert (told["preset"], told["created"], told["changed"]) == ("starter_pack", 5, 0)
    assert {part["what"] for part in told["parts"]} == {"new"}
    again = json.loads(run(capsys, *words))
    assert (again["created"], again["changed"]) == (0, 0)


def test_in_words_the_command_says_each_part(service, capsys):
    said = run(capsys, "load_preset", "starter_pack", "--service", "fenland")
    assert "Rule of the list: new" in said
    assert "the first 250" in said


@pytest.mark.parametrize(
    "name, slug, said",
    [("wonderland", "fenland", "no preset"), ("starter_pack", "nowhere", "no service")],
)
def test_what_is_not_there_is_refused_and_nothing_stored(service, name, slug, said):
    with pytest.raises(CommandError, match=said):
        call_command("load_preset", name, "--service", slug)
    assert PresetLoad.objects.count() == 0


@pytest.mark.parametrize("words", [("load_preset", "starter_pack"), ("push_preset", "starter_pack")])
def test_wrong_arguments_end_with_2(words, capsys):
    from django.core.management import ManagementUtility

    with pytest.raises(SystemExit) as ended:
        ManagementUtility(["manage.py", *words]).execute()
    assert ended.value.code == 2


@pytest.mark.usefixtures("folder")
def test_a_push_reaches_every_service_that_has_it_and_no_other(service, neighbour, folder, capsys):
    presets.load(service=service, preset=read.load("two"), by=None)
    write(folder, version=2, target=40)
    told = json.loads(run(capsys, "push_preset", "two", "--all", "--json"))
    assert [row["service"] for row in told["services"]] == ["fenland"]
    assert told["services"][0]["changed"] == 1
    assert not neighbour.preset_loads.exists()


def test_a_push_that_one_service_refuses_reaches_the_others(service, neighbour, folder, capsys):
    third = ServiceFactory(slug="marsh", name="Marsh HIU service")
    for each in (service, third):
        presets.load(service=each, preset=read.load("two"), by=None)
    write(folder, version=3)
    presets.load(service=neighbour, preset=read.load("two"), by=None)
    write(folder, version=2, first=">=7")
    with pytest.raises(SystemExit) as ended:
        call_command("push_preset", "two", "--all", "--json")
    assert ended.value.code == 1
    told = {row["service"]: row for row in json.loads(capsys.readouterr().out)["services"]}
    assert "newer" in told["harbour"]["problem"]
    assert told["fenland"]["changed"] == told["marsh"]["changed"] == 1


@pytest.mark.usefixtures("folder")
def test_a_push_says_what_a_service_kept(service, folder, capsys):
    presets.load(service=service, preset=read.load("two"), by=None)
    rules.save(service=service, slug="first", title="First", count=9, window_months=12, by=None)
    write(folder, version=2, first=">=7")
    said = run(capsys, "push_preset", "two", "--all")
    assert "fenland: 0 new, 0 changed, 1 left as the service has them." in said


@pytest.mark.usefixtures("folder")
def test_a_push_that_nobody_has_says_so(service, capsys):
    assert "No service has this preset." in run(capsys, "push_preset", "two", "--all")
    with pytest.raises(CommandError, match="no preset"):
        call_command("push_preset", "wonderland", "--all")
