from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"

    def ready(self) -> None:
        """Add the classes of records of this app to the retention schedule."""
        from evaluation import retention  # noqa: F401
