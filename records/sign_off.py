"""The signature page: the initiating head signs what is before their eyes (R24, R26)."""

from crispy_forms.layout import Layout
from django import forms
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import throttle
from audit.once import keeps_refusals
from coordination.errors import StageChanged
from coordination.forms import TextField, VersionedForm
from coordination.pages import ActPage
from records.services import StillMissing, archive_task, newest_event
from reviews.missing import what_is_missing
from reviews.permissions import REVIEW
from tasks.pages import TaskPage
from tasks.workflow import TRANSITIONS

TOO_MANY_REQUESTS = 429


class SignForm(VersionedForm):
    """Reason where something is missing, password, and the word that this is meant."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**63 - 1)
    reason = TextField(
        label=gettext_lazy("Why is it archived all the same?"),
        max_length=1000,
        error_messages={"required": StillMissing.message},
        help_text=gettext_lazy("Stands in the record for ever, beside what is missing."),
    )
    password = forms.CharField(
        label=gettext_lazy("Your password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("I have read the record and sign it. Nothing can be changed afterwards.")
    )

    def __init__(self, *args, missing, **kwargs):
        super().__init__(*args, **kwargs)
        if not missing:
            del self.fields["reason"]
            self.helper.layout = Layout(*self.fields)


@method_decorator(keeps_refusals, name="dispatch")
class SignOff(TaskPage, ActPage):
    """Signs and archives. Wrong passwords stay counted; the stage lets one signature through."""

    template_name = "records/sign_off.html"
    form_class = SignForm
    tab = "review"

    def load(self):
        super().load()
        REVIEW.require(self.request.user, "sign", self.task)
        self.missing = what_is_missing(self.task, now=timezone.now())

    def dispatch(self, request, *args, **kwargs):
        if self.task.stage not in TRANSITIONS["archive"][0]:
            return redirect("reviews:review_detail", self.task.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"version": newest_event(self.task)}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"missing": self.missing}

    def get_context_data(self, **kwargs):
        return super().get_context_data(missing=self.missing, **kwargs)

    def form_valid(self, form):
        if not throttle.may_try(now=timezone.now(), **self.trier):
            form.add_error("password", _("Too many wrong passwords. Wait a quarter of an hour."))
            return self.form_invalid(form, status=TOO_MANY_REQUESTS)
        return super().form_valid(form)

    @property
    def trier(self) -> dict[str, str]:
        """Whose wrong passwords are counted; apart from those at sign-in."""
        account = f"signature of {self.request.user.username}"
        return {"account": account, "address": throttle.address_of(self.request)}

    def act(self, form, now):
        try:
            self.sign(form.cleaned_data, now)
        except StageChanged as error:
            messages.error(self.request, error.message)
        else:
            messages.success(
                self.request, _("Signed and archived. The record can no longer be changed.")
            )
        return reverse("reviews:review_detail", args=[self.task.pk])

    def sign(self, values, now):
        archive_task(
            task=self.task,
            by=self.request.user,
            password=values["password"],
            reason=values.get("reason", ""),
            seen=values["version"],
            now=now,
        )
        throttle.forget(**self.trier)
