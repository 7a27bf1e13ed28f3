from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Pages that show what all other packages know; they change nothing and have no models."""

    name = "dashboards"
    verbose_name = _("dashboards")
