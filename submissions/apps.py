from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    name = "submissions"
    verbose_name = "报送"

    def ready(self) -> None:
        from notices import letters
        from submissions.services.digests import Digests

        letters.register(Digests())
