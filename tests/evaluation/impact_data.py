"""Small people and activity tables."""

import pandas as pd

INDEX = "2025-03-01"
COVARIATES = {"age": None, "sex": None, "imd_decile": None, "site": None}
BLANK = {
    "group": "accepted",
    "list_date": "2025-02-01",
    "approach_date": INDEX,
    "index_date": INDEX,
    "covered_from": "2023-01-01",
    "covered_to": "2026-12-31",
    "died_on": None,
    "moved_on": None,
    "withdrawn_on": None,
    **COVARIATES,
}


def people(*rows, **common):
    """People p0, p1, ... who are followed for a whole year on both sides unless a row says otherwise."""
    return pd.DataFrame([{"person": f"p{i}", **BLANK, **common, **row} for i, row in enumerate(rows)])


def activity(*dates, person="p0", measure="ae"):
    return pd.DataFrame({"person": person, "measure": measure, "on": list(dates)}, dtype=object)


def no_activity():
    return pd.DataFrame({"person": [], "measure": [], "on": []}, dtype=object)


def events(before, after, group="accepted", first=0):
    """People with so many attendances before and after, one list entry each; returns both tables."""
    rows = people(*({"group": group} for _ in before))
    rows["person"] = [f"{group}{first + i}" for i in range(len(rows))]
    counts = [*zip(rows["person"], before, ["2025-01-01"] * len(rows), strict=True)]
    counts += zip(rows["person"], after, ["2025-06-01"] * len(rows), strict=True)
    dated = [(person, "ae", day) for person, n, day in counts for _ in range(n)]
    return rows, pd.DataFrame(dated, columns=["person", "measure", "on"], dtype=object)
