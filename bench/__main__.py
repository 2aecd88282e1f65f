"""The benchmarks, as ratios measured in one run: `make bench`, or `python -m bench load --rows 1000000`.

Prints one JSON line for each. Runs on servers of its own under var/bench, never on a database named in
the environment, since it empties tables between measurements.
"""

import argparse
import json
import os
import sys
from pathlib import Path


def main() -> int:
    """Arguments: which benchmarks (default: all), and the sizes of the load."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "which",
        nargs="*",
        choices=["load", "later", "list", "find", "propose", "pages", "report", "messy", []],
        help="default: all but messy",
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000], help="sizes of the load")
    parser.add_argument("--times", type=int, default=3, help="repetitions; the median is printed")
    parser.add_argument("--people", type=int, default=100_000, help="people to find one of")
    parser.add_argument("--folder", type=Path, help="of messy files; default: beside this checkout")
    parser.add_argument("--one-load", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one-more", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one-study", help=argparse.SUPPRESS)
    options = parser.parse_args()
    which = options.which or ["load", "later", "list", "find", "propose", "pages", "report"]
    if which == ["messy"]:
        # No server and no table is needed for it.
        from bench import messy

        return min(1, messy.run(options.folder or messy.WHERE))
    # A single load runs beside others that use the tables, and finds them ready.
    prepare(tables=not (options.one_load or options.one_more or options.one_study))
    from bench import find, later, lists, load, pages, propose, report

    if options.one_load:
        print(json.dumps(load.one_load(options.one_load)))
        return 0
    if options.one_more:
        print(json.dumps(load.one_more(options.one_more)))
        return 0
    if options.one_study:
        print(json.dumps(report.one_study(options.one_study)))
        return 0
    for rows in options.rows:
        if "load" in which:
            load.run(rows, options.times)
    if "later" in which:
        later.run(max(options.rows), options.times)
    if "list" in which:
        lists.run(max(options.rows), options.times)
    if "find" in which:
        find.run(options.people)
    if "propose" in which:
        propose.run(options.times)
    if "pages" in which:
        pages.run()
    if "report" in which:
        report.run(options.times)
    return 0


def prepare(*, tables: bool = True) -> None:
    """Start the servers of the benchmarks, and bring their tables up to date."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ["HIU_VAR"] = "var/bench"
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    from hiu import embedded

    embedded.environment()
    import django
    from django.core.management import call_command

    django.setup()
    if tables:
        call_command("prepare_database", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
