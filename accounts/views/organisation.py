"""The frame of the organisation's pages, and its own settings."""

from django.contrib import messages
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import forms, permissions
from accounts.services import organisation
from audit.models import Event
from coordination.pages import ActPage

HISTORY_AT_MOST = 20


class OrganisationPage:
    """A page of the organisation. `tab` names its place; `load` runs before GET and POST alike."""

    tab = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.load()

    def load(self):
        pass

    def get_context_data(self, **kwargs):
        may = {
            name: permissions.ORGANISATION.allows(self.request.user, name, None)
            for name in permissions.ORGANISATION
        }
        return super().get_context_data(
            nav="organisation", tab=self.tab, may_organisation=may, **kwargs
        )


class OrganisationEdit(OrganisationPage, ActPage):
    template_name = "accounts/organisation_edit.html"
    form_class = forms.OrganisationForm
    tab = "settings"

    def load(self):
        permissions.ORGANISATION.require(self.request.user, "edit", None)

    def get_initial(self):
        return forms.OrganisationForm.initial_of(self.request.organisation)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        pattern = context["form"]["number_pattern"].value() or ""
        events = Event.objects.about(self.request.organisation)[:HISTORY_AT_MOST]
        return context | {"example": forms.number_example(pattern), "events": events}

    def act(self, form, now):
        organisation.edit_organisation(by=self.request.user, now=now, **form.cleaned_data)
        messages.success(self.request, _("The settings are saved."))
        return "accounts:organisation_edit"


def number_example(request):
    """The fragment that shows a number of the pattern being typed."""
    permissions.ORGANISATION.require(request.user, "edit", None)
    pattern = request.GET.get("number_pattern", "")
    example = forms.number_example(pattern)
    return render(request, "accounts/_number_example.html", {"example": example})
