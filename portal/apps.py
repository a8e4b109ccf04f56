"""App configurations of the floor: the portal itself and the admin site it replaces Django's with."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "平台"


class PortalAdminConfig(AdminConfig):
    default_site = "portal.admin.PortalAdminSite"
