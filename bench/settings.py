"""The product's settings with Django's admin and a bare view beside it, to be measured against."""

from hiu.settings import *  # noqa: F403
from hiu.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "django.contrib.admin"]
ROOT_URLCONF = "bench.urls"
