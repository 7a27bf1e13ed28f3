"""Early warnings in words (R18)."""

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Organisation
from coordination.words import pair
from weekly.models import EarlyWarning, WarningRule


def why(warning: EarlyWarning) -> str:
    """What endangers the task: "Design: 12 Oct was its due date"."""
    words = WORDS[warning.rule](warning.facts)
    return pair(warning.subtask, words) if warning.subtask else words


def _day(facts, name) -> str:
    return date_format(dt.date.fromisoformat(facts[name]), "SHORT_DATE_FORMAT")


def _lag(facts) -> str:
    return _("%(points)d points behind the plan (%(actual)d%% of %(planned)d%%)") % {
        "points": facts["planned"] - facts["actual"],
        **facts,
    }


def _moved(facts) -> str:
    words = ngettext(
        "due date moved once, now %(day)s",
        "due date moved %(times)d times, now %(day)s",
        facts["times"],
    )
    return words % {"times": facts["times"], "day": _day(facts, "due")}


def _quiet(facts) -> str:
    return _("%(number)d departments moved on in the week from %(day)s, and no talk was logged") % {
        "number": facts["departments"],
        "day": _day(facts, "week"),
    }


WORDS = {
    WarningRule.OVERDUE: lambda facts: _("was due on %s") % _day(facts, "due"),
    WarningRule.LAG: _lag,
    WarningRule.PROMISE: lambda facts: _("support promised for %s is missing") % _day(facts, "day"),
    WarningRule.MOVED: _moved,
    WarningRule.SILENT: lambda facts: _("no report since %s") % _day(facts, "since"),
    WarningRule.QUIET: _quiet,
}

RULES = [
    (WarningRule.OVERDUE, gettext_lazy("an open subtask is past its due date")),
    (
        WarningRule.LAG,
        gettext_lazy("planned − actual of the last report > %(tolerance)d percent points"),
    ),
    (WarningRule.PROMISE, gettext_lazy("promised support is missing after its day")),
    (
        WarningRule.MOVED,
        gettext_lazy("a due date was moved %(moved_times)d times or more"),
    ),
    (
        WarningRule.SILENT,
        gettext_lazy("no report of an open subtask for %(silent_days)d days or more"),
    ),
    (
        WarningRule.QUIET,
        gettext_lazy(
            "progress of %(quiet_departments)d departments or more moved in a week in which no"
            " talk was logged"
        ),
    ),
]


def rules(organisation: Organisation) -> list[tuple[str, str]]:
    """Each rule with its formula and the thresholds that the organisation has set."""
    thresholds = {
        name: getattr(organisation, name)
        for name in ("tolerance", "moved_times", "silent_days", "quiet_departments")
    }
    return [(rule.label, str(formula) % thresholds) for rule, formula in RULES]
