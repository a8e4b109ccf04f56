from django.apps import AppConfig


class SchoolsConfig(AppConfig):
    name = "schools"
    verbose_name = "单位与人员"

    def ready(self) -> None:
        import schools.signals  # noqa: F401 - connects its receivers
