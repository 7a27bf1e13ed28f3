"""Absences: planned by the person, the head of one of their departments or an administrator."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import forms, permissions
from accounts.absence import stand_in_away
from accounts.models import Absence, User
from accounts.services import absences
from accounts.views.organisation import HISTORY_AT_MOST, OrganisationPage
from audit.models import Event
from coordination.pages import ActPage

ABSENCES_AT_MOST = 50


def absences_of(person, reader) -> dict:
    """What the absences on a person's page need (accounts/_absences.html)."""
    today = timezone.localdate()
    stands_in = person.stands_in.ahead(today).select_related("person")
    return {
        "absences": person.absences.ahead(today).select_related("stand_in")[:ABSENCES_AT_MOST],
        "stands_in": stands_in[:ABSENCES_AT_MOST],
        "may_keep_absences": permissions.PERSON.allows(reader, "keep_absences", person),
        "today": today,
    }


def page_of_person(person, reader) -> str:
    """Where a reader finds a person's absences: one's own among one's settings."""
    if person.pk == reader.pk:
        return reverse("accounts:profile")
    return reverse("accounts:person_detail", args=[person.pk])


class AbsencePage(OrganisationPage, ActPage):
    """A form about an absence of `self.person`."""

    template_name = "accounts/absence_form.html"
    tab = "people"

    def load(self):
        self.person = self.find_person()
        permissions.PERSON.require(self.request.user, "keep_absences", self.person)

    def get_form_kwargs(self):
        candidates = absences.who_may_stand_in(self.person)
        return super().get_form_kwargs() | {"candidates": candidates}

    def get_context_data(self, **kwargs):
        back = page_of_person(self.person, self.request.user)
        return super().get_context_data(person=self.person, back=back, **kwargs)

    def tell(self, absence, message):
        """Says that it is done, and where nobody is left who stands in."""
        messages.success(self.request, message)
        if away := stand_in_away(absence):
            words = {
                "person": absence.stand_in,
                "first": date_format(away.starts_on),
                "last": date_format(away.ends_on),
            }
            text = _("%(person)s is away too, from %(first)s to %(last)s.") % words
            messages.warning(self.request, text)
        return page_of_person(self.person, self.request.user)


class AbsencePlan(AbsencePage):
    form_class = forms.AbsenceForm

    def find_person(self):
        return get_object_or_404(User.objects.active(), pk=self.kwargs["pk"])

    def get_initial(self):
        return {"starts_on": timezone.localdate(), "ends_on": timezone.localdate()}

    def act(self, form, now):
        absence = absences.plan_absence(
            person=self.person, by=self.request.user, now=now, **form.cleaned_data
        )
        return self.tell(absence, _("The absence is planned."))


class AbsenceEdit(AbsencePage):
    form_class = forms.AbsenceEditForm

    def find_person(self):
        rows = Absence.objects.select_related("person", "stand_in")
        self.absence = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self.absence.person

    def load(self):
        super().load()
        absences.require_ahead(self.absence, timezone.now())

    def get_initial(self):
        fields = ("starts_on", "ends_on", "stand_in", "version")
        return {name: getattr(self.absence, name) for name in fields}

    def get_context_data(self, **kwargs):
        events = Event.objects.about(self.absence)[:HISTORY_AT_MOST]
        return super().get_context_data(absence=self.absence, events=events, **kwargs)

    def act(self, form, now):
        absence = absences.change_absence(
            absence=self.absence, by=self.request.user, now=now, **form.cleaned_data
        )
        return self.tell(absence, _("The changes are saved."))


@require_POST
def absence_end(request, pk):
    absence = get_object_or_404(Absence.objects.select_related("person", "stand_in"), pk=pk)
    absences.end_absence(absence=absence, by=request.user, now=timezone.now())
    done = _("The absence is cancelled.") if absence.is_cancelled else _("The absence has ended.")
    messages.success(request, done)
    return redirect(page_of_person(absence.person, request.user))
