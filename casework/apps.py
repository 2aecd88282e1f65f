from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    name = "casework"

    def ready(self) -> None:
        """Listen for news from cohorts, and say how long cases are kept and what of them waits for an IG lead."""
        from casework import receivers, retention, waiting  # noqa: F401
