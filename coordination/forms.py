"""Forms check shape; services check meaning."""

from decimal import Decimal

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError

# Django's own words, which fields without better ones have.
REQUIRED = forms.Field.default_error_messages["required"]


class PlainForm(forms.Form):
    """A form whose tag, keys and buttons stand in the template; crispy draws the fields."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] is REQUIRED:
                field.error_messages["required"] = _("Please fill this in.")
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = self.layout()

    def layout(self):
        """The crispy layout; None draws the fields in order."""
        return None

    def refuse(self, error: DomainError) -> None:
        """Puts a service's refusal beside the field it is about, or above the form."""
        self.add_error(error.field if error.field in self.fields else None, error.message)


class VersionedForm(PlainForm):
    """An edit form that knows which version the person had opened (promise: no lost edit)."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def rebase(self, version: int) -> None:
        """Lets the next sending overwrite knowingly what the person has now been shown."""
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = version


class WithinReach:
    """Days from 1900 to 2999: reminders and other zones can still be reckoned from them."""

    @staticmethod
    def holds(year: int) -> bool:
        return 1900 <= year <= 2999

    def to_python(self, value):
        day = super().to_python(value)
        if day and not self.holds(day.year):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class DateField(WithinReach, forms.DateField):
    """A day, typed or picked; accepts 2024-10-05, 2024/10/5 and 2024年10月5日."""

    default_error_messages = {"invalid": _("Enter a date such as 2024-10-31.")}

    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "max": "2999-12-31"}),
            input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"],
            **kwargs,
        )


class MomentField(WithinReach, forms.DateTimeField):
    """A moment in the organisation's zone, to the minute."""

    default_error_messages = {"invalid": _("Enter a time such as 2024-10-31 14:00.")}

    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.DateTimeInput(
                format="%Y-%m-%dT%H:%M",
                attrs={"type": "datetime-local", "max": "2999-12-31T23:59"},
            ),
            input_formats=[
                "%Y-%m-%dT%H:%M",
                "%Y-%m-%dT%H:%M:%S",
                "%Y-%m-%d %H:%M",
                "%Y/%m/%d %H:%M",
            ],
            **kwargs,
        )


class TimeField(forms.TimeField):
    """A time of the day, to the minute."""

    default_error_messages = {"invalid": _("Enter a time such as 07:30.")}

    def __init__(self, **kwargs):
        super().__init__(
            widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            input_formats=["%H:%M", "%H:%M:%S"],
            **kwargs,
        )


class SeveralField(forms.ModelMultipleChoiceField):
    """Several rows of those offered. A number that no database can hold is none of them."""

    def clean(self, value):
        for pk in value or []:
            if len(pk) > 18:
                raise forms.ValidationError(
                    self.error_messages["invalid_pk_value"],
                    code="invalid_pk_value",
                    params={"pk": pk[:18]},
                )
        return super().clean(value)


class NumberField(forms.DecimalField):
    """A number as people write it: 30, not the 30.000 of the database."""

    def __init__(self, **kwargs):
        super().__init__(max_digits=16, decimal_places=3, **kwargs)

    def prepare_value(self, value):
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class TextField(forms.CharField):
    """Several lines of text."""

    def __init__(self, *, rows=3, max_length=4000, **kwargs):
        widget = forms.Textarea(attrs={"rows": rows})
        super().__init__(widget=widget, max_length=max_length, **kwargs)
