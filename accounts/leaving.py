"""What keeps a person from being deactivated.

This package knows who heads and acts for a department. What a person owes is known further up;
the packages that stand on this one register their question when ready, so that nobody leaves
while work is still theirs and no import arrow turns round.
"""

import datetime as dt
from collections.abc import Callable

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User

Question = Callable[[User], list[str]]
"""Takes a person; answers with what is still theirs, in words, [] when nothing is."""

_questions: list[Question] = []


def register(question: Question) -> None:
    if question not in _questions:
        _questions.append(question)


def still_theirs(person: User, today: dt.date) -> list[str]:
    """Everything that has to be handed over first, in words."""
    asked = [text for question in _questions for text in question(person)]
    return [*_departments(person), *_absences(person, today), *asked]


def _departments(person: User) -> list[str]:
    headed = [
        _("head of %(department)s") % {"department": department}
        for department in person.headed_departments.all()
    ]
    acted_for = [
        _("contact of %(department)s") % {"department": role.department}
        for role in person.contact_roles.select_related("department")
    ]
    return headed + acted_for


def _absences(person: User, today: dt.date) -> list[str]:
    """Whom the person stands in for, now or later."""
    return [
        _("stand-in of %(person)s until %(day)s")
        % {"person": absence.person, "day": date_format(absence.ends_on)}
        for absence in person.stands_in.ahead(today).select_related("person")
        if absence.person.is_active
    ]
