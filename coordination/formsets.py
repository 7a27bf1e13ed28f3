"""Rows that people add, order and remove on a page (targets, measures, action items …)."""

from django import forms

from coordination.forms import PlainForm

AT_MOST = 100


class RowForm(PlainForm):
    """One row. `id` is the stored row's, empty for a new one."""

    # Fields that already say something in an empty row, such as a chosen kind.
    preset = ()

    id = forms.IntegerField(
        required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1
    )

    def has_changed(self):
        """Whether a new row says anything: its place in the order alone does not."""
        return bool(set(self.changed_data) - {"ORDER", *self.preset})


class BaseRowFormSet(forms.BaseFormSet):
    """Rows in the order the person left them; empty rows are passed over."""

    ordering_widget = forms.NumberInput
    deletion_widget = forms.CheckboxInput

    def __init__(self, data=None, *args, initial=None, **kwargs):
        # What stands in the database must not be compared with what was sent: a new row that
        # somebody else has stored meanwhile would pass for an empty one and be left out.
        super().__init__(data, *args, initial=initial if data is None else None, **kwargs)

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["ORDER"].min_value = None

    @property
    def rows(self) -> list[dict]:
        """The cleaned rows in order, without removed and empty ones; valid formsets only.

        A new row has no `id` key.
        """
        kept = [form for form in self.ordered_forms if self.says_something(form)]
        return [self._values(form) for form in kept]

    def says_something(self, form) -> bool:
        """Whether a cleaned row is more than an empty line."""
        return any(value not in (None, "", []) for value in self._values(form).values())

    def _values(self, form) -> dict:
        values = {k: v for k, v in form.cleaned_data.items() if k not in ("ORDER", "DELETE")}
        if values.get("id") is None:
            values.pop("id", None)
        return values


def row_formset(form, *, extra=1, at_least=0):
    """A formset class over a RowForm: ordered, removable, at most 100 rows.

    `extra` empty rows stand ready for people without script.
    """
    return forms.formset_factory(
        form,
        formset=BaseRowFormSet,
        extra=extra,
        can_order=True,
        can_delete=True,
        min_num=at_least,
        validate_min=bool(at_least),
        max_num=AT_MOST,
        absolute_max=AT_MOST + 20,
        validate_max=True,
    )
