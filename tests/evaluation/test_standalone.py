"""The estimators on two files inside a trust: only aggregates leave, and bad input gets a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from evaluation.impact.curves.release import over_time
from evaluation.impact.release import release
from evaluation.impact.run import impact, study_of
from evaluation.standalone import main
from tests.evaluation.impact_data import events
from tests.evaluation.test_impact_expected import tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def files(tmp_path):
    def write(people, activity):
        paths = tmp_path / "people.csv", tmp_path / "activity.csv"
        for path, table in zip(paths, (people, activity), strict=True):
            table.to_csv(path, index=False)
        return ["--people", str(paths[0]), "--activity", str(paths[1])]

    return write


def test_the_files_give_what_the_tables_give_after_disclosure_control(files, capsys):
    both = tables()
    assert main([*files(*both), "--json", "--seed", "3"]) == 0
    printed = json.loads(capsys.readouterr().out)
    study = study_of(*both, measure="ae", window_days=365, seed=3)
    made = {**release(impact(*both, seed=3)), "over_time": over_time(study)}
    assert printed == json.loads(json.dumps(made))
    assert set(printed) == {*impact(*both), "over_time"}


def test_it_runs_without_the_web_framework(files):
    code = "import sys; from evaluation.standalone import main; main(sys.argv[1:]); sys.exit('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, *files(*tables())], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Observed against expected (people: " in done.stdout
    assert done.stdout.count("with no service at all a list like this one falls by about 25%.") == 1


def test_no_identifier_and_no_exact_count_is_printed(files, capsys):
    table, activity = tables()
    mine = [each.assign(person=each["person"].map("person-of-{}".format)) for each in (table, activity)]
    for extra in ([], ["--json"]):
        main([*files(*mine), *extra])
        assert "person-of" not in capsys.readouterr().out
    raw, shown = impact(*mine), release(impact(*mine))
    counts = [shown["flow"][k] for k in shown["flow"]] + [g["n"] for g in shown["groups"].values()]
    assert all(each == "*" or each % 5 == 0 for each in counts)
    assert raw["estimates"]["observed_expected"]["observed"] % 5 != 0
    for each in shown["estimates"].values():
        for key in ("n", "observed", "expected", "avoided", "n_comparator"):
            assert each[key] in (None, "*") or each[key] % 5 == 0


def test_seven_people_are_a_star_and_nothing_of_them_is_printed(files, capsys):
    main([*files(*events([4] * 7, [2] * 7)), "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["flow"]["accepted"] == printed["groups"]["accepted"]["n"] == "*"
    assert printed["groups"]["accepted"]["events_pre"] == "*"
    assert printed["groups"]["accepted"]["rate_pre"] == "*"
    change = printed["estimates"]["change"]
    assert (change["n"], change["rate_ratio"], change["observed"]) == ("*", None, None)


def test_a_ratio_that_would_give_away_few_events_is_withheld(files, capsys):
    main([*files(*events([4] * 60, [1] * 7 + [0] * 53)), "--json"])
    change = json.loads(capsys.readouterr().out)["estimates"]["change"]
    assert (change["shown"], change["rate_ratio"], change["observed"]) == (False, None, "*")
    assert "Too few events" in change["reason"]


def test_a_hidden_group_cannot_be_taken_from_the_total():
    table, activity = tables()
    declined = table.index[table["group"] == "declined"]
    shown = release(impact(table.drop(declined[3:]), activity))
    assert shown["groups"]["declined"]["n"] == "*"
    assert shown["flow"]["declined"] == "*"
    assert shown["estimates"]["accepted_vs_declined"]["n_comparator"] == "*"


def test_thresholds_are_settings(files, capsys):
    main([*files(*events([4] * 7, [2] * 7)), "--json", "--threshold", "4", "--round-to", "1"])
    assert json.loads(capsys.readouterr().out)["groups"]["accepted"]["n"] == 7


@pytest.mark.parametrize(
    "change,sentence",
    [
        (lambda p: p.drop(columns="index_date"), "people: column index_date is missing."),
        (lambda p: p.assign(group="treated"), "people: 'treated' in column 'group' is unknown"),
        (lambda p: p.assign(died_on="soon"), "people: column 'died_on' holds something that is not a date."),
    ],
)
def test_a_bad_table_gets_a_sentence(files, capsys, change, sentence):
    people, activity = events([4] * 50, [2] * 50)
    assert main(files(change(people), activity)) == 1
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "content,sentence",
    [
        (None, "cannot be opened (No such file or directory)"),
        (b"", "is not a CSV file"),
        (b'a,b\n"1', "is not a CSV file"),
        (b"person,group\n\xff\xfe,1\n", "is not text in UTF-8"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(files, tmp_path, capsys, content, sentence):
    options = files(*events([4] * 50, [2] * 50))
    path = tmp_path / "other.csv"
    if content is not None:
        path.write_bytes(content)
    assert main([*options[:1], str(path), *options[2:]]) == 1
    assert sentence in capsys.readouterr().err


def test_a_rule_that_would_print_eight_people_as_nobody_is_refused(files, capsys):
    assert main([*files(*events([4] * 50, [2] * 50)), "--round-to", "100"]) == 1
    assert "Choose a higher threshold or a smaller base." in capsys.readouterr().err


def test_wrong_arguments_are_told_apart_from_a_refusal(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--people", "a.csv"])
    assert stopped.value.code == 2


def test_empty_tables_are_an_answer_too(files, capsys):
    people, _ = events([4], [2])
    assert main(files(people[:0], pd.DataFrame(columns=["person", "measure", "on"]))) == 0
    assert "listed 0" in capsys.readouterr().out


def offered(declined, attendances):
    """A study in which so many of those who accepted declined instead, with so many attendances after."""
    people, activity = tables()
    people = people[people["group"].isin(["accepted", "not_approached", "last_year"])].copy()
    them = people.index[people["group"] == "accepted"][:declined]
    people.loc[them, "group"] = "declined"
    day = people.loc[them].set_index("person")["index_date"]
    late = pd.to_datetime(activity["on"]) > pd.to_datetime(activity["person"].map(day))
    after = pd.DataFrame(
        {
            "person": [day.index[n % declined] for n in range(attendances)],
            "measure": "ae",
            "on": [pd.Timestamp(day.iloc[n % declined]) + pd.Timedelta(days=30) for n in range(attendances)],
        }
    )
    return impact(people, pd.concat([activity[~late], after], ignore_index=True))


@pytest.mark.parametrize("declined, attendances", [(20, 3), (20, 7), (4, 40)])
def test_the_offer_gives_no_withheld_count_of_those_who_did_not_accept_away(declined, attendances):
    made = offered(declined, attendances)
    itt, cace = (made["estimates"][key] for key in ("offer_itt", "offer_cace"))
    # Whoever has both ratios and the events of those who accepted has the events of the others.
    one, other = 1 / itt["rate_ratio"], 1 / cace["rate_ratio"]
    assert cace["observed"] * (other - one) / (one - 1) == pytest.approx(attendances)
    shown = release(made)["estimates"]
    for key in ("offer_itt", "offer_cace"):
        assert (shown[key]["shown"], shown[key]["rate_ratio"], shown[key]["expected"]) == (False, None, None)
        assert "the figures by the offer would give away" in shown[key]["reason"]
    # Nor do the people and events of everybody approached, less those who accepted.
    assert (shown["offer_itt"]["n"], shown["offer_itt"]["observed"]) == ("*", "*")
    assert shown["observed_expected"]["shown"]


def test_the_offer_is_shown_where_no_count_behind_it_is_withheld():
    assert release(offered(20, 40))["estimates"]["offer_cace"]["shown"]
    assert release(offered(20, 0))["estimates"]["offer_itt"]["shown"]


def test_few_of_those_who_did_not_accept_with_a_history_hide_the_offer():
    made = offered(20, 40)
    itt = made["estimates"]["offer_itt"]
    itt["observed"] = made["estimates"]["offer_cace"]["observed"] + 5
    assert not release(made)["estimates"]["offer_cace"]["shown"]
    itt["observed"] += 40
    assert release(made)["estimates"]["offer_cace"]["shown"]
    itt["n"] = made["estimates"]["offer_cace"]["n"] + 5
    assert not release(made)["estimates"]["offer_cace"]["shown"]
