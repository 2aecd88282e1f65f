from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "casework"

    def ready(self) -> None:
        """Listen for news from cohorts."""
        from casework import receivers  # noqa: F401
