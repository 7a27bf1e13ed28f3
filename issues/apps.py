from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = _("issues")

    def ready(self):
        from accounts import leaving
        from attachments import subjects
        from deadlines import kinds
        from issues import duties, holdings
        from issues.models import Issue
        from issues.views import get_issue

        for kind in duties.KINDS:
            kinds.register(kind)
        subjects.register(Issue, get_issue, tab="issues")
        for kind in holdings.KINDS:
            leaving.register(kind)
