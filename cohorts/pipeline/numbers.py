"""What a reader is told of a file in which no row has a usable NHS number: sent so, or mapped wrongly?"""

from cohorts.pipeline.problems import P, code
from cohorts.pipeline.run import Summary

# A column that holds these holds something else than NHS numbers, or has been through Excel.
_OTHER = {code(p) for p in (P.NHS_NUMBER_CUT, P.NHS_NUMBER_LENGTH, P.NHS_NUMBER_LETTERS)}
_MISSING = code(P.NHS_NUMBER_MISSING)


def remarks(summary: Summary, *, is_kept: bool) -> list[str]:
    """Where nothing passed for want of NHS numbers: how many rows wait, and what their column is full of.

    Args:
        is_kept: whether the agreement lets such rows be kept.
    """
    reasons = summary.reject_reasons
    other = sum(reasons[each] for each in _OTHER)
    if summary.rows_passed or not (lacking := reasons[_MISSING] + other):
        return []
    if not is_kept:
        return [
            "No row of this file has a usable NHS number. The agreement leaves people out, and nobody can say "
            "whether it reaches whom these rows are about, so none of them is kept."
        ]
    kept = _rows(summary.unmatched)
    said = [
        f"No row of this file has a usable NHS number. {kept} say{_s(summary.unmatched)} whom "
        f"{'it is' if summary.unmatched == 1 else 'they are'} about and can be kept. Until somebody is found "
        "for them, they count for nobody, and nobody of this file comes onto a list."
    ]
    if other * 2 > lacking:
        said.append(
            f"The column taken for the NHS number is filled in {_rows(other)}, and with nothing that can be one. "
            "It may be the wrong column: if so, throw this file away, mend the columns of the source and upload "
            "it again."
        )
    return said


def _rows(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"


def _s(number: int) -> str:
    return "s" if number == 1 else ""
