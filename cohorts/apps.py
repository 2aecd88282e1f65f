from django.apps import AppConfig


class CohortsConfig(AppConfig):
    name = "cohorts"

    def ready(self) -> None:
        """Say what an agreement can name and how long records are kept, and answer what governance asks."""
        from cohorts import receivers, retention  # noqa: F401
        from cohorts.pipeline.fields import DATA_ITEMS
        from cohorts.referrals import retention as referrals  # noqa: F401
        from governance import data_items

        data_items.offer(*DATA_ITEMS)
