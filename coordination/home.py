"""The first page after signing in: what I owe, and by when."""

from django.utils import timezone
from django.views.generic import TemplateView

from deadlines.models import Deadline

AT_MOST = 100


class HomePage(TemplateView):
    template_name = "home.html"

    def get_context_data(self, **kwargs):
        now = timezone.now()
        owed = list(Deadline.objects.owed_by(self.request.user)[:AT_MOST])
        return super().get_context_data(nav="home", now=now, owed=owed, **kwargs)
