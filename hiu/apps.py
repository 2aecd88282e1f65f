from django.apps import AppConfig


class HiuConfig(AppConfig):
    """The wiring: settings, addresses, the demo. No models, no rules."""

    name = "hiu"
