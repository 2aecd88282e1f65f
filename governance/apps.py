from django.apps import AppConfig
from django.db.backends.signals import connection_created


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from governance import scope

        connection_created.connect(scope.on_connect, dispatch_uid="governance.scope")
