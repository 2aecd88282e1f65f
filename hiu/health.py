"""Asks the web server of this machine whether it is well: `python -m hiu.health`, as the container does."""

import os
import sys
import urllib.error
import urllib.request

ADDRESS = "http://127.0.0.1:8000/health/"
TIMEOUT = 8


def problem(address: str = ADDRESS) -> str | None:
    """What is wrong with the page at this address, in a sentence; None when it answers well.

    Asks as the proxy in front would, so that a server that insists on HTTPS and on its own name answers.
    """
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    headers = {"X-Forwarded-Proto": "https"} | ({"Host": host} if host not in ("", "*") else {})
    request = urllib.request.Request(address, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT):  # noqa: S310  # nosec  # an address of this machine
            return None
    except urllib.error.HTTPError as refusal:
        return f"{address} answered {refusal.code}."
    except OSError as failure:
        return f"{address} did not answer: {failure}."


if __name__ == "__main__":
    sys.exit(problem(*sys.argv[1:]))
