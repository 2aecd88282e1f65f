from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "casework"

    def ready(self) -> None:
        """Listen for news from cohorts, and add the class of cases to the retention schedule."""
        from casework import receivers, retention  # noqa: F401
