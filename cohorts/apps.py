from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "cohorts"

    def ready(self) -> None:
        """Add the classes of records of this app to the retention schedule."""
        from cohorts import retention  # noqa: F401
