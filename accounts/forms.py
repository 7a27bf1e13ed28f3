"""Forms of the organisation's pages."""

import re

from crispy_forms.bootstrap import InlineCheckboxes
from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    Department,
    Organisation,
    User,
    check_number_pattern,
    check_zone,
    known_zones,
)
from accounts.tables import MAX_BYTES
from coordination.forms import DateField, PlainForm, SeveralField, TimeField, VersionedForm


def grid(*names, wide=()) -> Div:
    """Fields two by two where there is room; those in `wide` take a line of their own."""
    fields = [Field(n, wrapper_class="col w-100" if n in wide else "col") for n in names]
    return Div(*fields, css_class="row row-cols-1 row-cols-sm-2 gx-3")


class PersonField(forms.ModelChoiceField):
    """One person, shown as “市场部 经理D”; nobody until `among` says who may be chosen."""

    def __init__(self, **kwargs):
        super().__init__(queryset=User.objects.none(), **kwargs)

    def among(self, people):
        self.queryset = people.prefetch_related("memberships__department").distinct()

    def label_from_instance(self, person):
        memberships = sorted(person.memberships.all(), key=lambda m: (not m.is_main, m.pk))
        return f"{memberships[0].department} {person}" if memberships else str(person)


class PeopleField(PersonField, SeveralField):
    """Several people, each with a box to tick."""

    widget = forms.CheckboxSelectMultiple


def is_language(code: str) -> bool:
    """Whether the pages exist in this language."""
    return code in dict(settings.LANGUAGES)


class NewPasswordForm(PlainForm, SetPasswordForm):
    pass


class ProfileForm(VersionedForm):
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
        help_text=_("Of the pages and of the mails you get."),
    )
    quiet_from = TimeField(label=_("Quiet from"), required=False)
    quiet_until = TimeField(label=_("Quiet until"), required=False)
    mail_changes = forms.BooleanField(
        label=_("Mail me what has changed"),
        required=False,
        help_text=_(
            "Changes always stand under the bell. Reminders of your duties are always mailed:"
            " they cannot be switched off."
        ),
    )

    def layout(self):
        return Layout(
            grid("email", "language"),
            Fieldset(
                _("Quiet hours"),
                HTML("{% include 'accounts/_quiet_hours.html' %}"),
                grid("quiet_from", "quiet_until"),
            ),
            Fieldset(_("Mails"), "mail_changes"),
            "version",
        )


class AbsenceForm(PlainForm):
    starts_on = DateField(label=_("First day"))
    ends_on = DateField(label=_("Last day"), help_text=_("Included."))
    stand_in = PersonField(
        label=_("Stand-in"),
        empty_label=_("Choose a person"),
        help_text=_(
            "Gets a copy of every reminder, sees the tasks and may act there, but not sign."
        ),
    )

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].among(candidates)

    def clean(self):
        """The days are compared here too: else the person hears of them once all else is right."""
        values = super().clean()
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day must not lie before the first."))
        return values

    def layout(self):
        return Layout(grid("starts_on", "ends_on", "stand_in", wide=["stand_in"]))


class AbsenceEditForm(VersionedForm, AbsenceForm):
    def layout(self):
        return Layout(*super().layout(), "version")


# Departments and people


class DepartmentForm(PlainForm):
    name = forms.CharField(label=_("Full name"), max_length=100)
    short_name = forms.CharField(
        label=_("Short name"), max_length=20, help_text=_("Used in task numbers.")
    )
    parent = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department above"),
        required=False,
        empty_label=_("None: at the top"),
    )

    def __init__(self, *args, department=None, **kwargs):
        super().__init__(*args, **kwargs)
        parents = Q(is_active=True)
        if department is not None:
            parents = (parents | Q(pk=department.parent_id)) & ~Q(pk=department.pk)
        self.fields["parent"].queryset = Department.objects.filter(parents)

    def layout(self):
        return Layout(grid("name", "short_name", "parent", wide=["parent"]))


class DepartmentEditForm(VersionedForm, DepartmentForm):
    head = PersonField(
        label=_("Department head"),
        required=False,
        empty_label=_("Nobody for now"),
        help_text=_("An active person of this department or of one above it."),
    )

    def __init__(self, *args, department, candidates, **kwargs):
        super().__init__(*args, department=department, **kwargs)
        self.fields["head"].among(candidates)

    def layout(self):
        return Layout(grid("name", "short_name", "parent", "head"), "version")


class PersonForm(PlainForm):
    name = forms.CharField(label=_("Name"), max_length=100)
    username = forms.CharField(
        label=_("Login name"), max_length=150, validators=[UnicodeUsernameValidator()]
    )
    title = forms.CharField(label=_("Job title"), required=False, max_length=100)
    email = forms.EmailField(label=_("E-mail"), required=False, max_length=254)
    departments = SeveralField(
        Department.objects.none(),
        label=_("Departments"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    main_department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Main department"),
        required=False,
        empty_label=_("The first one ticked"),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser asks")), *settings.LANGUAGES],
    )
    is_records_administrator = forms.BooleanField(
        label=_("Records administrator"),
        required=False,
        help_text=_("Sees every submitted task and exports archived records."),
    )
    is_staff = forms.BooleanField(
        label=_("System administrator"),
        required=False,
        help_text=_("Keeps departments, people and the organisation's settings."),
    )

    def __init__(self, *args, person=None, **kwargs):
        super().__init__(*args, **kwargs)
        open_to = Q(is_active=True)
        if person is not None:
            open_to |= Q(pk__in=person.standing.member_of)
        departments = Department.objects.filter(open_to)
        self.fields["departments"].queryset = departments
        self.fields["main_department"].queryset = departments

    def layout(self):
        return Layout(
            grid("name", "username", "title", "email"),
            InlineCheckboxes("departments"),
            grid("main_department", "language"),
            "is_records_administrator",
            "is_staff",
        )


class PersonEditForm(VersionedForm, PersonForm):
    def layout(self):
        return Layout(*super().layout(), "version")


class ContactForm(PlainForm):
    person = PersonField(label=_("Person"), empty_label=_("Choose a person"))

    def __init__(self, *args, department, **kwargs):
        super().__init__(*args, **kwargs)
        people = User.objects.in_department(department).exclude(
            contact_roles__department=department
        )
        # The head acts for the department anyway.
        self.fields["person"].among(people.exclude(pk=department.head_id))


# The organisation


def number_example(pattern: str) -> str:
    """What numbers of this pattern look like; empty while the pattern is not one."""
    try:
        check_number_pattern(pattern)
    except ValidationError:
        return ""
    department = Department.objects.active().order_by("pk").first()
    return pattern.format(
        year=timezone.localdate().year,
        department=department.short_name if department else "ABC",
        sequence=1,
    )


class ZoneInput(forms.TextInput):
    """A time zone, typed, with those of the world to pick from."""

    template_name = "accounts/_zone_input.html"
    places = re.compile(
        "(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/|UTC$"
    )

    def get_context(self, name, value, attrs):
        attrs = {"list": "zones", "autocomplete": "off"} | (attrs or {})
        zones = {
            zone: zone.replace("_", " ")
            for zone in sorted(known_zones())
            if self.places.match(zone)
        }
        return super().get_context(name, value, attrs) | {"zones": zones}


THRESHOLDS = ("tolerance", "silent_days", "moved_times", "quiet_departments")


class OrganisationForm(VersionedForm):
    name = forms.CharField(label=_("Name of the organisation"), max_length=200)
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=60,
        validators=[check_zone],
        widget=ZoneInput,
        help_text=_(
            "Of every time shown and every deadline. Type a city, such as Shanghai, and choose"
            " its zone."
        ),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("Of mails to people who have chosen none."),
    )
    number_pattern = forms.CharField(
        label=_("Task number pattern"),
        max_length=60,
        validators=[check_number_pattern],
        help_text=_(
            "{year}, {department} and {sequence}; {sequence:03d} writes 001. Numbers already given"
            " stay as they are."
        ),
    )

    monday_moves = forms.BooleanField(
        label=_("Monday noon moves on public holidays"),
        required=False,
        help_text=_(
            "The weekly roll-up is due on Monday at noon. Where that Monday is a public holiday,"
            " it is then due at noon of the next working day."
        ),
    )

    tolerance = forms.IntegerField(
        label=_("Deviation that needs no reason"),
        min_value=0,
        max_value=50,
        help_text=_("Percent points. A subtask further behind its plan than this lags."),
    )
    silent_days = forms.IntegerField(label=_("Days without a report"), min_value=1, max_value=365)
    moved_times = forms.IntegerField(
        label=_("Times that a due date was moved"), min_value=1, max_value=20
    )
    quiet_departments = forms.IntegerField(
        label=_("Departments that moved on without a talk"),
        min_value=1,
        max_value=20,
        help_text=_("So many departments made progress in a week and no talk was logged."),
    )

    def layout(self):
        return Layout(
            grid("name", "time_zone", "language", wide=["name"]),
            "monday_moves",
            Fieldset(
                _("From when on progress needs a reason, and what gives an early warning"),
                grid("tolerance", "silent_days", "moved_times", "quiet_departments"),
            ),
            Field(
                "number_pattern",
                hx_get=reverse("accounts:number_example"),
                hx_trigger="input changed delay:300ms",
                hx_target="#number-example",
                hx_swap="outerHTML",
            ),
            HTML("{% include 'accounts/_number_example.html' %}"),
            "version",
        )

    @staticmethod
    def initial_of(organisation: Organisation) -> dict:
        names = ("name", "time_zone", "language", "number_pattern", "monday_moves", *THRESHOLDS)
        return {name: getattr(organisation, name) for name in (*names, "version")}


class UploadForm(PlainForm):
    file = forms.FileField(
        label=_("File"),
        help_text=_(".xlsx or .csv, at most 2 MB, 5,000 people and 500 departments."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        max_length=200,
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is larger than 2 MB."))
        return file
