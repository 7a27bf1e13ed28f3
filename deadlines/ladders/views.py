"""The ladders of reminders, for administrators: seen, tried out, changed, put back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.views.organisation import OrganisationPage
from audit.models import Event
from coordination.errors import DomainError
from coordination.pages import ActPage
from deadlines import kinds
from deadlines.ladders import services as ladders
from deadlines.ladders.forms import LadderForm, StepForm, StepFormSet, step_of
from deadlines.models import Ladder
from deadlines.permissions import LADDER
from deadlines.terms import Terms

HISTORY_AT_MOST = 20


class LadderList(OrganisationPage, TemplateView):
    """Every kind of duty: when it is due, and who is told when."""

    template_name = "deadlines/ladder_list.html"
    tab = "reminders"

    def load(self):
        LADDER.require(self.request.user, "list", None)

    def get_context_data(self, **kwargs):
        terms = Terms.current(timezone.now())
        rows = [
            {
                "kind": kind,
                "within": kind.within and terms.within(kind.code),
                "steps": terms.steps(kind.code),
                "is_changed": terms.is_changed(kind.code),
            }
            for kind in kinds.every()
        ]
        return super().get_context_data(rows=rows, **kwargs)


class LadderEdit(OrganisationPage, ActPage):
    """One ladder. "Preview" shows on open duties who would be told what, and saves nothing."""

    template_name = "deadlines/ladder_edit.html"
    form_class = LadderForm
    tab = "reminders"

    def load(self):
        LADDER.require(self.request.user, "edit", None)
        self.kind = get_kind(self.kwargs["code"])
        self.terms = Terms.current(timezone.now())
        self.ladder = Ladder.objects.filter(kind=self.kind.code).first()

    def get_initial(self):
        version = self.ladder.version if self.ladder else 0
        within = self.terms.within(self.kind.code) if self.kind.within else None
        return {"version": version, "within": within}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"has_term": self.kind.within is not None}

    @cached_property
    def steps(self):
        data = self.request.POST if self.request.method == "POST" else None
        initial = [StepForm.initial_of(step) for step in self.terms.steps(self.kind.code)]
        return StepFormSet(data, prefix="steps", initial=initial)

    def post(self, request, *args, **kwargs):
        form = self.get_form()
        if not (self.steps.is_valid() & form.is_valid()):
            return self.form_invalid(form)
        if "preview" in request.POST:
            return self.preview(form)
        return self.form_valid(form)

    def preview(self, form):
        steps = [step_of(row) for row in self.steps.rows]
        try:
            ladders.check_steps(steps)
        except DomainError as error:
            form.refuse(error)
            return self.form_invalid(form)
        foretold = ladders.foretell(self.kind, steps, self.terms, self.request.user)
        return self.render_to_response(self.get_context_data(form=form, foretold=foretold))

    def act(self, form, now):
        steps = [step_of(row) for row in self.steps.rows]
        ladders.check_steps(steps)
        ladders.set_ladder(
            kind=self.kind, by=self.request.user, now=now, steps=steps, **form.cleaned_data
        )
        messages.success(self.request, _("Saved. It holds for everything that is still open."))
        return reverse("deadlines:ladder_list")

    def get_context_data(self, **kwargs):
        events = Event.objects.about(self.ladder)[:HISTORY_AT_MOST] if self.ladder else []
        return super().get_context_data(
            kind=self.kind,
            steps=self.steps,
            events=events,
            is_changed=self.terms.is_changed(self.kind.code),
            **kwargs,
        )


@require_POST
def ladder_reset(request, code):
    """As shipped again."""
    kind = get_kind(code)
    own = Ladder.objects.filter(kind=kind.code).first()
    ladders.set_ladder(
        kind=kind,
        by=request.user,
        now=timezone.now(),
        version=own.version if own else 0,
        steps=[],
        within=kind.within,
    )
    messages.success(request, _("The reminders are as shipped again."))
    return redirect("deadlines:ladder_list")


def get_kind(code) -> kinds.Kind:
    try:
        return kinds.get(code)
    except KeyError:
        raise Http404 from None
