from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "进展"

    def ready(self) -> None:
        from reports.tasks import on_closed
        from submissions.signals import closed

        closed.connect(on_closed)
