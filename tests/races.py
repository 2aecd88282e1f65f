"""Several people at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Barrier
from typing import Any

from django.db import connection

from governance.rules import RuleBroken

AT_ONCE = 5


def at_once(action: Callable[[], Any]) -> list[Any]:
    """What each of five threads got: a value, or the refusal."""
    together = Barrier(AT_ONCE)
    contexts = [copy_context() for _ in range(AT_ONCE)]

    def one() -> Any:
        together.wait()
        try:
            return action()
        except RuleBroken as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda context: context.run(one), contexts))


def refusals(found: list[Any]) -> list[str]:
    """The sentences of those who were refused."""
    return [str(one) for one in found if isinstance(one, RuleBroken)]
