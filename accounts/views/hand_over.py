"""The one page that hands over everything a person holds."""

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import leaving, permissions
from accounts.hand_over_form import HandOverForm
from accounts.models import Department
from accounts.services import handing_over
from accounts.services.shared import today
from accounts.successors import Successors
from accounts.views.people import PersonPage
from coordination.pages import ActPage, whole_number


class PersonHandOver(PersonPage, ActPage):
    """`?department=ID` limits it to what the person holds for a department that they leave."""

    template_name = "accounts/person_hand_over.html"
    form_class = HandOverForm
    needs = "hand_over"

    def load(self):
        super().load()
        self.department = self._department()
        self.departments = [self.department.pk] if self.department else None
        self.things = self._things()

    def get_form_kwargs(self):
        people = Successors(self.person, {t.department_id for t in self.things} - {None})
        return super().get_form_kwargs() | {"things": self.things, "people": people}

    def act(self, form, now):
        and_deactivate = self.request.POST.get("and") == "deactivate"
        number = handing_over.hand_over(
            person=self.person,
            to=form.cleaned_data["to"],
            reason=form.cleaned_data["reason"],
            by=self.request.user,
            now=now,
            departments=self.departments,
            deactivate=and_deactivate,
        )
        words = ngettext(
            "%(number)d thing is handed over.", "%(number)d things are handed over.", number
        )
        messages.success(self.request, words % {"number": number})
        if and_deactivate:
            text = _("%(person)s can no longer sign in.") % {"person": self.person}
            messages.success(self.request, text)
        return reverse(f"accounts:{self._goes_on_at()}", args=[self.person.pk])

    def form_invalid(self, form, **kwargs):
        """The list as it stands now, each line with what was typed for it."""
        self.things = self._things()
        form.list_things(self.things)
        return super().form_invalid(form, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            department=self.department,
            is_cut=self.is_cut,
            number_of_others=self.number_of_others,
            may_deactivate=self._may_deactivate(),
            **kwargs,
        )

    def _things(self):
        """What this reader may hand over, named as far as they may see it."""
        held = leaving.things_of(self.person, today(timezone.now()), self.departments)
        may = [thing for thing in held if thing.may_be_handed_over_by(self.request.user)]
        self.is_cut = len(held) == leaving.AT_MOST
        self.number_of_others = len(held) - len(may)
        return leaving.as_seen_by(self.request.user, may)

    def _goes_on_at(self):
        """Whoever moves the person out of a department goes back to doing so."""
        may_move = permissions.PERSON.allows(self.request.user, "edit", self.person)
        return "person_edit" if self.department and may_move else "person_detail"

    def _may_deactivate(self):
        whole = self.department is None and not self.is_cut and not self.number_of_others
        may = permissions.PERSON.allows(self.request.user, "deactivate", self.person)
        return whole and may and self.person.is_active

    def _department(self):
        try:
            pk = whole_number(self.request.GET.get("department", ""))
        except ValueError:
            return None
        return Department.objects.filter(pk=pk).first()
