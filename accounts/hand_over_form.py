"""The form that hands over what a person holds: one for everything, or one for each thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.leaving import Thing
from accounts.models import Department, User
from accounts.services.handing_over import CannotTakeOver, ListChanged, Refused
from accounts.successors import Successors
from coordination.forms import PlainForm

PREFIX = "to-"


@dataclass
class Line:
    """One thing, and what stands in its field."""

    thing: Thing
    may: frozenset[int]
    """Who may take it over, by id."""
    department: Department | None
    offers: str
    """The id of the list that its field offers."""
    typed: str
    is_new: bool = False
    """Not there when the person opened the page."""
    error: str = ""

    @property
    def name(self) -> str:
        return PREFIX + self.thing.key


def person_input(offers: str) -> forms.TextInput:
    """A person, typed, with those to pick from: found by any part of the name, without script."""
    return forms.TextInput(attrs={"list": offers, "autocomplete": "off"})


class HandOverForm(PlainForm):
    everything = forms.CharField(
        label=_("To whom"),
        required=False,
        max_length=300,
        widget=person_input("who-all"),
        help_text=_("Takes over everything below that names nobody else."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("The people concerned are told.")
    )

    def __init__(self, *args, things: Iterable[Thing], people: Successors, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        self.sent = {name.removeprefix(PREFIX) for name in self.data if name.startswith(PREFIX)}
        self.lines = []
        self.list_things(things)

    def layout(self):
        return Layout("everything", "reason")

    def list_things(self, things: Iterable[Thing]) -> None:
        """Shows these things, each with what was typed for it and what is wrong with that."""
        errors = {line.thing.key: line.error for line in self.lines}
        self.lists = {}
        self.lines = [self._line(thing) for thing in things]
        for line in self.lines:
            line.error = errors.get(line.thing.key, "")

    @property
    def groups(self) -> list[tuple[str, list[Line]]]:
        """The lines of each kind under its label."""
        by_kind = groupby(self.lines, lambda line: line.thing.kind.label)
        return [(label, list(lines)) for label, lines in by_kind]

    @property
    def offers(self) -> dict[str, list[str]]:
        """What the fields offer: the labels of each list by its id."""
        anybody = frozenset().union(*self.lists)
        lists = {"who-all": anybody} | {offers: may for may, offers in self.lists.items()}
        return {
            offers: sorted(self.people.labels[pk] for pk in may) for offers, may in lists.items()
        }

    def clean(self):
        """The cleaned `to` names a person or None for each thing that was on the page."""
        values = super().clean()
        if self.sent != {line.thing.key for line in self.lines}:
            self.add_error(None, ListChanged.message)
        anybody = frozenset().union(*self.lists)
        default = self._meant("everything", values.get("everything", ""), anybody)
        to = dict.fromkeys(self.sent) | {x.thing.key: self._taker(x, default) for x in self.lines}
        if any(line.error for line in self.lines):
            self.add_error(None, Refused.message)
        return values | {"to": to}

    def refuse(self, error) -> None:
        errors = getattr(error, "errors", {})
        for line in self.lines:
            line.error = line.error or errors.get(line.thing.key, "")
        super().refuse(error)

    def _line(self, thing):
        may = frozenset(thing.may_be_taken_by(self.people))
        offers = self.lists.setdefault(may, f"who-{len(self.lists)}")
        only = self.people.labels[next(iter(may))] if len(may) == 1 else ""
        typed = self.data.get(PREFIX + thing.key, "") if self.is_bound else only
        is_new = self.is_bound and thing.key not in self.sent
        department = self.people.department(thing.department_id)
        return Line(thing, may, department, offers, typed, is_new)

    def _meant(self, field, text, among) -> User | None:
        person = self.people.find(text, among) if text else None
        if text and person is None:
            self.add_error(field, _("Choose somebody from the list."))
        return person

    def _taker(self, line, default) -> User | None:
        if line.typed.strip():
            person = self.people.find(line.typed, line.may)
            if person is None:
                line.error = _("“%(text)s” cannot take this over: choose somebody from the list.")
                line.error %= {"text": line.typed}
            return person
        if default is not None and default.pk not in line.may:
            line.error = CannotTakeOver.message % {"person": default}
        return default
