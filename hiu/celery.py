"""The Celery application: tasks take ids and call one action each."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hiu.settings")

app = Celery("hiu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
