"""How a run of a periodic job reads on the operations page."""

import datetime as dt
import re

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from audit.verification import SENTENCES, Finding
from coordination.job_words import COUNTS, JOBS, REPAIRED
from coordination.words import duration, listing, pair
from deadlines import kinds

register = template.Library()

LONGEST_RUN = dt.timedelta(minutes=10)


@register.simple_tag
def job_rows(runs):
    """[(name, when it runs, its last run or None)]: the known jobs, then any other that ran."""
    by_job = {run.job: run for run in runs}
    known = [(*words, by_job.pop(job, None)) for job, words in JOBS.items()]
    return known + [(job, "", run) for job, run in by_job.items()]


@register.filter
def outcome(run) -> str:
    """What a run brought: "reminders written: 3, deadlines looked at: 5"."""
    words = [
        pair(COUNTS.get(key, key), number_format(number, force_grouping=True))
        for key, number in run.result.items()
        if isinstance(number, int) and number
    ]
    return listing(words) or _("nothing to do")


FINDING = re.compile(r"(?P<kind>\S+) (?P<pk>\d+)( (?P<week>\d{4}-\d\d-\d\d))?: (?P<done>\w+)")


@register.filter
def finding(line: str) -> str:
    """A line of the nightly comparison ("subtask_due 12: moved") in words, without the subject's
    own: administrators need not see its task (R29). Others as they are stored.
    """
    found = FINDING.fullmatch(line)
    if not found or found["kind"] not in kinds.codes() or found["done"] not in REPAIRED:
        return line
    words = {"label": kinds.get(found["kind"]).label, "number": found["pk"], "week": found["week"]}
    if found["week"]:
        duty = _("%(label)s (no. %(number)s, week from %(week)s)") % words
    else:
        duty = _("%(label)s (no. %(number)s)") % words
    return REPAIRED[found["done"]] % {"duty": duty}


@register.filter
def damage(line: str) -> str:
    """A line of the nightly check of the history ("entry_changed 12") in words."""
    code, _space, number = line.partition(" ")
    return str(Finding(code, number)) if code in SENTENCES else line


@register.filter
def took(run, now: dt.datetime) -> str:
    """How long a run took: "0.2 s"; or that it is under way, or was cut off."""
    if not run.ended_at:
        return _("is running") if now - run.began_at < LONGEST_RUN else _("did not end")
    seconds = (run.ended_at - run.began_at).total_seconds()
    return _("%(seconds)s s") % {"seconds": number_format(seconds, 1)}


@register.filter
def ago(moment: dt.datetime, now: dt.datetime) -> str:
    """How long since a moment: "just now", "3 minutes ago"."""
    if now - moment < dt.timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": duration(now - moment)}
