"""App configurations of the floor: the portal itself and the admin site it replaces Django's with."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "平台"

    def ready(self) -> None:
        autodiscover_modules("jobs")  # each registers what it does (portal.jobs)


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin.PortalAdminSite"
