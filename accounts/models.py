"""The organisation: people, departments, who heads what, who may act for whom."""

import re
import zoneinfo
from copy import copy
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.standing import Standing, stand

DEFAULT_ZONE = "Asia/Shanghai"
A_DAY_TO_A_YEAR = [MinValueValidator(1), MaxValueValidator(365)]
ONE_TO_TWENTY = [MinValueValidator(1), MaxValueValidator(20)]


@cache
def known_zones() -> frozenset[str]:
    """Every name of a time zone; asking the system anew walks through its directories."""
    return frozenset(zoneinfo.available_timezones())


def check_zone(name: str) -> None:
    if name not in known_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone such as Asia/Shanghai."),
            params={"name": name},
        )


def check_number_pattern(pattern: str) -> None:
    """Year, department and sequence, each once, something that is no digit between them.

    Without a separator 市场 11 and 市场1 1 would write the same number.
    """
    texts, places = _parts(pattern)
    complete = sorted(_name(place) for place in places) == ["department", "sequence", "year"]
    known = all(re.fullmatch(PLACE, place) for place in places)
    plain = not any(set(text) & set("{}") for text in texts)
    apart = all(text.strip("0123456789") for text in texts[1:-1])
    if not (complete and known and plain and apart and sum(map(len, texts)) <= 20):
        raise ValidationError(
            _(
                "The pattern needs {year}, {department} and {sequence:03d}, once each, with a"
                " character such as “-” between them."
            ),
            code="pattern",
        )


PLACE = r"\{(year|department|sequence(:0[1-9]d)?)\}"


def _parts(pattern: str) -> tuple[list[str], list[str]]:
    """The fixed texts of a pattern and the places between them."""
    parts = re.split(r"(\{[^{}]*\})", pattern)
    return parts[::2], parts[1::2]


def _name(place: str) -> str:
    return place.strip("{}").split(":")[0]


class Organisation(models.Model):
    """The one organisation that runs this installation, and its own settings. One row."""

    name = models.CharField(_("name"), max_length=200)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default=DEFAULT_ZONE, validators=[check_zone]
    )
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="zh-hans"
    )
    number_pattern = models.CharField(
        _("task number pattern"),
        max_length=60,
        default="{year}-{department}-{sequence:03d}",
        validators=[check_number_pattern],
    )
    monday_moves = models.BooleanField(
        _("Monday noon moves on public holidays"),
        default=True,
        help_text=_("Then the weekly roll-up is due at noon of the next working day."),
    )
    # From when on progress needs a reason or gives an early warning (R16, R18).
    tolerance = models.PositiveSmallIntegerField(
        _("deviation that needs no reason"),
        default=5,
        validators=[MaxValueValidator(50)],
        help_text=_("Percent points. A subtask further behind its plan than this lags."),
    )
    silent_days = models.PositiveSmallIntegerField(
        _("days without a report"), default=10, validators=A_DAY_TO_A_YEAR
    )
    moved_times = models.PositiveSmallIntegerField(
        _("times that a due date was moved"), default=2, validators=ONE_TO_TWENTY
    )
    quiet_departments = models.PositiveSmallIntegerField(
        _("departments that moved on without a talk"), default=3, validators=ONE_TO_TWENTY
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="organisation_one_row"),
        ]

    def __str__(self):
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @classmethod
    def current(cls) -> "Organisation":
        """The organisation; before it is set up, the shipped defaults (not saved)."""
        return cls.objects.filter(pk=1).first() or cls(pk=1, name="")


class PersonManager(UserManager):
    def active(self):
        return self.filter(is_active=True)

    def in_department(self, department):
        """Active people who belong to a department."""
        return self.active().filter(memberships__department=department)


class User(AbstractUser):
    """A person who signs in, or an administrator."""

    first_name = None
    last_name = None
    name = models.CharField(pgettext_lazy("person", "name"), max_length=100)
    title = models.CharField(_("job title"), max_length=100, blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        choices=settings.LANGUAGES,
        blank=True,
        help_text=_("Empty: as the browser asks, in mails as the organisation."),
    )
    is_records_administrator = models.BooleanField(
        _("records administrator"),
        default=False,
        help_text=_("Sees every submitted task and exports archived records."),
    )
    # Reminders wait until the end of the quiet hours, never past the deadline itself.
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    mail_changes = models.BooleanField(
        _("mail about changes"),
        default=True,
        help_text=_("Changes always stand under the bell. Reminders of duties are always mailed."),
    )
    access_ended = models.PositiveIntegerField(default=0, editable=False)
    """How often all sessions were ended at once, as by a deactivation; none outlives it."""
    # What the first page calls new: whatever changed since the visit before (accounts.visits).
    here_at = models.DateTimeField(null=True, editable=False)
    """When the person last had the first page before their eyes."""
    visit_before_at = models.DateTimeField(null=True, editable=False)
    """The last moment of the visit before this one."""
    version = models.PositiveIntegerField(default=1)

    objects = PersonManager()
    REQUIRED_FIELDS = ["name", "email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="person_quiet_hours_have_both_ends",
                violation_error_message=_("Quiet hours need their beginning and their end."),
            ),
            models.CheckConstraint(
                condition=Q(quiet_from=None) | ~Q(quiet_from=models.F("quiet_until")),
                name="person_quiet_hours_are_not_all_day",
                violation_error_message=_("Quiet hours cannot last all day."),
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_session_auth_hash(self):
        return f"{super().get_session_auth_hash()}-{self.access_ended}"

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)

    @cached_property
    def standing(self) -> Standing:
        """Asked once per request (the user row is loaded anew for each): three statements."""
        absent, contacts = self._absent_and_contacts()
        return stand(
            person=self.pk,
            stands_in_for=frozenset(absent),
            seats=[seat.department_id for seat in self.seats],
            tree=list(Department.objects.values_list("pk", "parent_id", "head_id")),
            contacts=contacts,
        )

    def _absent_and_contacts(self) -> tuple[list[int], list[tuple[int, int]]]:
        """Whom the person stands in for today, and (person, department) of the contacts among
        them and the person; one statement.
        """
        away = Absence.objects.on(timezone.localdate()).filter(
            stand_in=self, person__is_active=True
        )
        absent = away.order_by().values_list("person_id", Value(0, models.BigIntegerField()))
        roles = Contact.objects.filter(Q(user=self) | Q(user__in=away.values("person_id")))
        rows = absent.union(roles.values_list("user_id", "department_id"), all=True)
        found = list(rows)
        return [who for who, place in found if not place], [pair for pair in found if pair[1]]

    @property
    def in_person(self) -> "User":
        """The same person without being anybody's stand-in; themselves where they are nobody's,
        or where nobody has asked yet.
        """
        asked = self.__dict__.get("standing")
        if asked is None or asked is asked.own:
            return self
        person = copy(self)
        person.standing = asked.own
        return person

    def acts_as(self, person_id: int | None) -> bool:
        """Whether this is the person, or stands in for them today."""
        return person_id == self.pk or person_id in self.standing.people

    stands_in_now = False
    """Whether what they do was allowed only because they stand in (permissions.Table.require)."""

    @property
    def acts_in_place_of(self) -> str:
        """For whom they do what they do as a stand-in, by name; "" when they act as themselves."""
        if not self.stands_in_now:
            return ""
        absent = User.objects.filter(pk__in=self.standing.stands_in_for)
        return ", ".join(map(str, absent))

    @cached_property
    def seats(self) -> list:
        """The person's memberships, that of the main department first; one statement."""
        return list(self.memberships.select_related("department").order_by("-is_main", "pk"))

    @property
    def main_department(self):
        return self.seats[0].department if self.seats else None


class DepartmentQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class Department(models.Model):
    """A department; its parent is the department above it."""

    name = models.CharField(_("full name"), max_length=100, unique=True)
    short_name = models.CharField(
        _("short name"),
        max_length=20,
        unique=True,
        help_text=_("Used in task numbers."),
    )
    parent = models.ForeignKey(
        "self",
        verbose_name=_("department above"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    head = models.ForeignKey(
        User,
        verbose_name=_("department head"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="headed_departments",
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1)

    objects = DepartmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(parent=models.F("id")),
                name="department_not_its_own_parent",
                violation_error_message=_("A department cannot stand above itself."),
            ),
        ]

    def __str__(self):
        return self.name


class FormerShortName(models.Model):
    """A short name a department once had; nobody else may take it, numbers carry it (R5)."""

    short_name = models.CharField(_("short name"), max_length=20, unique=True)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="former_short_names"
    )

    class Meta:
        verbose_name = _("former short name")
        verbose_name_plural = _("former short names")

    def __str__(self):
        return self.short_name


class Membership(models.Model):
    """A person belongs to a department; one of a person's departments is the main one."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="memberships")
    is_main = models.BooleanField(_("main department"), default=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "department"],
                name="membership_once",
                violation_error_message=_("This person already belongs to the department."),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(is_main=True),
                name="membership_one_main",
                violation_error_message=_("A person has one main department."),
            ),
        ]

    def __str__(self):
        return f"{self.department} · {self.user}"


class Contact(models.Model):
    """A person named by a department's head to act for the department (接口人, R1)."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="contacts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contact_roles")
    named_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    named_at = models.DateTimeField(_("named at"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "user"],
                name="contact_once",
                violation_error_message=_("This person is already a contact of the department."),
            ),
        ]

    def __str__(self):
        return f"{self.department} · {self.user}"


class AbsenceQuerySet(models.QuerySet):
    def overlapping(self, starts_on, ends_on):
        """Those that share a day with these, first and last day included; not the cancelled."""
        return self.filter(is_cancelled=False, starts_on__lte=ends_on, ends_on__gte=starts_on)

    def on(self, day):
        """Those that include a day."""
        return self.overlapping(day, day)

    def ahead(self, today):
        """Those that go on or are still to come."""
        return self.filter(is_cancelled=False, ends_on__gte=today)


class Absence(models.Model):
    """A person is away, first and last day included; who stands in gets a copy of reminders.

    The duty stays with the person. One that is cancelled before it began keeps its row.
    """

    person = models.ForeignKey(
        User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="absences"
    )
    stand_in = models.ForeignKey(
        User, verbose_name=_("stand-in"), on_delete=models.PROTECT, related_name="stands_in"
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    is_cancelled = models.BooleanField(_("cancelled"), default=False)
    version = models.PositiveIntegerField(default=1)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=models.F("starts_on")),
                name="absence_ends_after_start",
                violation_error_message=_("The last day must not lie before the first."),
            ),
            models.CheckConstraint(
                condition=~Q(stand_in=models.F("person")),
                name="absence_stand_in_is_another",
                violation_error_message=_("Somebody else must stand in."),
            ),
        ]
        indexes = [
            # The sweep: who of these people is away today.
            models.Index(fields=["person", "ends_on"], name="absence_of_person"),
        ]

    def __str__(self):
        return f"{self.person} {self.starts_on} – {self.ends_on}"

    @property
    def history_task_id(self):
        return None


class SignInAttempt(models.Model):
    """A try to sign in that did not succeed. Rows live as long as they count (throttle.WINDOW)."""

    key = models.CharField(max_length=64)
    """Account and address together, as a keyed hash: what people mistype is kept nowhere."""
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("sign-in attempt")
        verbose_name_plural = _("sign-in attempts")
        indexes = [
            # How many tries of one account from one address still count.
            models.Index(fields=["key", "at"], name="sign_in_attempt_of_key"),
            # Pruning.
            models.Index(fields=["at"], name="sign_in_attempt_old"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"


class PendingImport(models.Model):
    """An uploaded file as one administrator last saw it in the preview; nothing of it is stored.

    A person has one at a time; storing, discarding or a day's delay ends it.
    """

    person = models.OneToOneField(User, on_delete=models.CASCADE, related_name="pending_import")
    file_name = models.CharField(_("file"), max_length=200)
    rows = models.JSONField(default=list)
    """What was read and what storing it would do, row by row (importing.Row)."""
    ignored = models.JSONField(default=list)
    """The columns of the file that nobody knows, as the file names them."""
    created_at = models.DateTimeField(_("uploaded"))

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self):
        return self.file_name
