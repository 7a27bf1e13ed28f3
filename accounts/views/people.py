"""People, their departments, rights and passwords."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts import forms, leaving, permissions
from accounts.filters import PersonFilter
from accounts.models import Absence, Department, Membership, User
from accounts.services import people
from accounts.views.absences import absences_of
from accounts.views.organisation import HISTORY_AT_MOST, OrganisationPage
from audit.models import Event
from coordination.pages import ActPage, page_of


class PersonList(OrganisationPage, TemplateView):
    template_name = "accounts/person_list.html"
    tab = "people"

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        query.setdefault("state", "active")
        in_order = Membership.objects.select_related("department").order_by("-is_main", "pk")
        away = Absence.objects.on(timezone.localdate()).select_related("stand_in")
        people = User.objects.prefetch_related(
            Prefetch("memberships", in_order), Prefetch("absences", away, to_attr="away")
        )
        filterset = PersonFilter(query, people, request=self.request)
        rows, next_before = page_of(filterset.qs, self.request)
        may_edit = permissions.PERSON.allows(self.request.user, "create", None)
        return super().get_context_data(
            filter=filterset, people=rows, next_before=next_before, may_edit=may_edit, **kwargs
        )


class PersonCreate(OrganisationPage, ActPage):
    template_name = "accounts/person_form.html"
    form_class = forms.PersonForm
    tab = "people"

    def load(self):
        permissions.PERSON.require(self.request.user, "create", None)

    def act(self, form, now):
        person = people.create_person(by=self.request.user, now=now, **form.cleaned_data)
        messages.success(
            self.request,
            _("%(person)s is created. Give a first password, so that they can sign in.")
            % {"person": person},
        )
        return reverse("accounts:person_password", args=[person.pk])


class PersonPage(OrganisationPage):
    """A page about one person. `needs` is the action that opening it takes."""

    tab = "people"
    needs = ""

    def load(self):
        self.person = get_object_or_404(User, pk=self.kwargs["pk"])
        if self.needs:
            permissions.PERSON.require(self.request.user, self.needs, self.person)

    def get_context_data(self, **kwargs):
        table, user = permissions.PERSON, self.request.user
        may = {action: table.allows(user, action, self.person) for action in table}
        return super().get_context_data(person=self.person, may=may, **kwargs)


class PersonDetail(PersonPage, TemplateView):
    template_name = "accounts/person_detail.html"

    def get_context_data(self, **kwargs):
        person = self.person
        context = super().get_context_data(**kwargs)
        if context["may"]["hand_over"]:
            context["still_theirs"] = leaving.still_theirs(person, timezone.localdate())
        memberships = person.memberships.select_related("department").order_by("-is_main", "pk")
        return context | {
            "memberships": memberships,
            "heads": person.headed_departments.active(),
            "acts_for": Department.objects.filter(contacts__user=person),
            **absences_of(person, self.request.user),
        }


class PersonEdit(PersonPage, ActPage):
    template_name = "accounts/person_form.html"
    form_class = forms.PersonEditForm
    needs = "edit"
    leaves = None
    """Why the person cannot leave a department yet."""

    def get_initial(self):
        fields = ("username", "name", "title", "email", "language", "version")
        rights = ("is_records_administrator", "is_staff")
        memberships = list(self.person.memberships.all())
        return {name: getattr(self.person, name) for name in fields + rights} | {
            "departments": [m.department_id for m in memberships],
            "main_department": next((m.department_id for m in memberships if m.is_main), None),
        }

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"person": self.person}

    def get_context_data(self, **kwargs):
        events = Event.objects.about(self.person)[:HISTORY_AT_MOST]
        return super().get_context_data(events=events, leaves=self.leaves, **kwargs)

    def act(self, form, now):
        try:
            people.edit_person(
                person=self.person, by=self.request.user, now=now, **form.cleaned_data
            )
        except people.StillActsFor as error:
            self.leaves = error
            raise
        messages.success(self.request, _("The changes are saved."))
        return reverse("accounts:person_detail", args=[self.person.pk])


class PersonPassword(PersonPage, ActPage):
    template_name = "accounts/person_password.html"
    form_class = forms.NewPasswordForm
    needs = "set_password"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.person}

    def act(self, form, now):
        password = form.cleaned_data["new_password1"]
        people.set_password(person=self.person, by=self.request.user, now=now, password=password)
        messages.success(
            self.request, _("%(person)s has a new password.") % {"person": self.person}
        )
        return "accounts:person_list"


@require_POST
def person_activate(request, pk):
    person = get_object_or_404(User, pk=pk)
    people.activate_person(person=person, by=request.user, now=timezone.now())
    messages.success(request, _("%(person)s may sign in again.") % {"person": person})
    return redirect("accounts:person_edit", pk)


@require_POST
def person_deactivate(request, pk):
    person = get_object_or_404(User, pk=pk)
    try:
        people.deactivate_person(person=person, by=request.user, now=timezone.now())
    except people.StillNeeded as error:
        messages.error(request, error.message)
        return redirect("accounts:person_hand_over", pk)
    messages.success(request, _("%(person)s can no longer sign in.") % {"person": person})
    return redirect("accounts:person_edit", pk)
