"""How another person signs in, for administrators: to help who has lost something."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.models import User
from accounts.views.people import PersonPage
from signin.services import factors, sessions


class PersonSignIn(PersonPage, TemplateView):
    template_name = "signin/person.html"
    needs = "see_sign_in"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            factors=factors.factors_of(self.person),
            sessions=sessions.living(self.person, timezone.now()),
            **kwargs,
        )


@require_POST
def second_factor_take(request, pk):
    person = get_object_or_404(User, pk=pk)
    factors.take_second_factor(person=person, by=request.user, now=timezone.now())
    words = _("The second factor of %(person)s is taken away, and all sessions have ended.")
    messages.success(request, words % {"person": person})
    return redirect("person_sign_in", pk)


@require_POST
def sessions_end(request, pk):
    person = get_object_or_404(User, pk=pk)
    factors.end_all_sessions(person=person, by=request.user, now=timezone.now())
    messages.success(request, _("%(person)s is signed out everywhere.") % {"person": person})
    return redirect("person_sign_in", pk)
