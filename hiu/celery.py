"""The Celery application: tasks take ids and call one action each."""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hiu.settings")


@worker_init.connect
def stop_on_a_wrong_role(**kwargs: object) -> None:
    """No work is done by a role that could climb the walls, or on a database without them."""
    from governance import database

    if reason := database.problem():
        raise SystemExit(reason)


app = Celery("hiu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
