"""The product's settings with Django's admin and a bare view beside it, to be measured against."""

from hiu.settings import *  # noqa: F403
from hiu.settings import INSTALLED_APPS as _APPS
from hiu.settings import STORAGES as _STORAGES

INSTALLED_APPS = [*_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench.urls"
# The admin's own style sheets are not among the collected ones, and nobody looks at its page here.
_PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STORAGES = {**_STORAGES, "staticfiles": _PLAIN}
