#!/usr/bin/env python
"""Django's command line, on the embedded servers of the checkout unless DATABASE_URL says otherwise."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hiu.settings")
    from hiu import embedded

    embedded.environment()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
