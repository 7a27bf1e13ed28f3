"""The form in one language: its parts as grids and tables, for every renderer alike.

The five of the paper form, and after them the annex where anybody was reminded or told upwards.

Values stay values (dates, moments, numbers, percent); `words` is how a renderer of text shows
them. Widths are percent of the page, as on the paper form.
"""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from communications.models import ActionState, CommunicationState, Method, Purpose
from coordination.words import listing, pair
from deadlines import kinds
from deadlines.models import Message, Role
from issues.choices import Grade, IssueState, Result, Superior
from records.record import Annex, Person, TaskRecord
from reviews.missing import Check, Thing
from reviews.models import Reached
from tasks.choices import Answer, ResourceKind, Stage, SubtaskState, SupportState

TICKED, UNTICKED = "☑", "☐"


@dataclass(frozen=True)
class Percent:
    number: int

    def __str__(self):
        return f"{self.number}%"


@dataclass(frozen=True)
class Period:
    start: dt.date | None
    end: dt.date | None
    between: str

    def __str__(self):
        return f"{words(self.start)} {self.between} {words(self.end)}"


Value = str | int | Decimal | dt.date | dt.datetime | Percent | Period | None
"""What a cell shows. Datetimes are naive, in the organisation's zone."""


@dataclass(frozen=True)
class Field:
    label: str
    value: Value

    @property
    def text(self) -> str:
        return words(self.value)

    @property
    def is_number(self) -> bool:
        return isinstance(self.value, int | Decimal | Percent)


@dataclass(frozen=True)
class Grid:
    """Rows of one field across the page or two side by side, each label before its value."""

    fields: tuple[tuple[Field, ...], ...]
    title: str = ""

    is_grid = True


@dataclass(frozen=True)
class Column:
    label: str
    width: int


@dataclass(frozen=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    title: str = ""

    is_grid = False

    @property
    def fields(self) -> tuple[tuple[Field, ...], ...]:
        """Each row's values with their column's label."""
        return tuple(
            tuple(Field(c.label, value) for c, value in zip(self.columns, row, strict=True))
            for row in self.rows
        )


@dataclass(frozen=True)
class Part:
    code: str
    numeral: str
    name: str
    blocks: tuple[Grid | Table, ...]
    landscape: bool = False

    @property
    def heading(self) -> str:
        return f"{self.numeral}{self.name}"


@dataclass(frozen=True)
class Form:
    title: str
    organisation: str
    number: str
    number_label: str
    notice: str
    """What the reader must know of this copy: that it is not archived, and of when it is."""
    parts: tuple[Part, ...]
    nothing: str
    """What stands in a table without rows."""
    page: str
    """The footer: "Page {page} of {pages}"."""

    def texts(self) -> Iterator[tuple[str, str]]:
        """(where, text) of everything that people wrote."""
        yield self.title, f"{self.organisation} {self.number}"
        for part in self.parts:
            for row in (row for block in part.blocks for row in block.fields):
                for field in row:
                    yield f"{part.heading} / {field.label}", field.text


def words(value: Value) -> str:
    """A value as the form prints it: ISO dates, plain numbers."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def lay_out(record: TaskRecord, language: str) -> Form:
    """The record as a filled-in form in a language."""
    with translation.override(language):
        return _Layout(record).form()


def lay_out_annex(annex: Annex, zone: str, language: str) -> tuple[Part, ...]:
    """The annex as the last parts of the form; `zone` is that of the record."""
    with translation.override(language):
        return _Annex(annex, ZoneInfo(zone)).parts()


class _Clock:
    """What shows moments as the clock of the organisation does."""

    zone: ZoneInfo

    def local(self, moment):
        return moment and moment.astimezone(self.zone).replace(tzinfo=None)


class _Layout(_Clock):
    """The form of one record in the active language."""

    def __init__(self, record):
        self.record = record
        self.zone = ZoneInfo(record.zone)

    def form(self) -> Form:
        record = self.record
        return Form(
            title=_("Cross-department task assignment and communication record"),
            organisation=record.organisation,
            number=record.basics.number,
            number_label=_("Task number"),
            notice=self.notice(),
            parts=(
                Part("basics", _("I. "), _("Basic information of the task"), self.basics()),
                Part(
                    "assignment",
                    _("II. "),
                    _("Task assignment and progress"),
                    self.assignment(),
                    landscape=True,
                ),
                Part(
                    "communications",
                    _("III. "),
                    _("Communication log"),
                    self.communications(),
                    landscape=True,
                ),
                Part("issues", _("IV. "), _("Issues and solutions"), self.issues()),
                Part("summary", _("V. "), _("Task summary"), self.summary()),
                *self.annex(),
            ),
            nothing=_("None recorded"),
            page=_("Page {page} of {pages}"),
        )

    def notice(self) -> str:
        if self.record.is_archived:
            return ""
        pieces = [_label(Stage, self.record.stage)]
        if self.record.as_of:
            moment = words(self.local(self.record.as_of))
            pieces.append(_("as of %(moment)s") % {"moment": moment})
        return _("Not archived yet") + _bracketed(_details(*pieces))

    def basics(self):
        basics = self.record.basics
        period = Period(basics.start_date, basics.end_date, pgettext("from … to …", "to"))
        resources = [pair(_label(ResourceKind, r.kind), r.description) for r in basics.resources]
        return (
            Grid(
                (
                    _row((_("Task number"), basics.number), (_("Task name"), basics.title)),
                    _row(
                        (_("Initiating department"), basics.department),
                        (_("Initiator"), basics.initiator.name),
                    ),
                    _row((_("Task goal"), basics.goal)),
                    _row((_("Expected result"), basics.expected_result)),
                    _row(
                        (_("Task period"), period),
                        (_("Departments involved"), listing(basics.departments)),
                    ),
                    _row((_("Task background"), basics.background)),
                    _row((_("Key work items"), _numbered(basics.work_items))),
                    _row((_("Available resources"), _numbered(resources))),
                    _row((_("Potential risks"), _numbered(_risk(r) for r in basics.risks))),
                )
            ),
            Table(
                (
                    Column(_("Metric"), 50),
                    Column(_("Target value"), 17),
                    Column(_("Unit"), 14),
                    Column(_("To be reached by"), 19),
                ),
                tuple((t.metric, t.number, t.unit, t.date) for t in basics.targets),
                _("Measurable targets"),
            ),
            Table(
                (
                    Column(_("Department"), 17),
                    Column(_("Answer"), 12),
                    Column(_("Comment"), 38),
                    Column(_("Answered by"), 14),
                    Column(_("Answered on"), 19),
                ),
                tuple(
                    (
                        c.department,
                        _label(Answer, c.answer),
                        c.comment,
                        _name(c.answered_by),
                        self.local(c.answered_at),
                    )
                    for c in basics.consultations
                ),
                _("Consultation of the departments"),
            ),
        )

    def assignment(self):
        return (
            Table(
                (
                    Column(_("Subtask name"), 9),
                    Column(_("Key work item"), 9),
                    Column(_("Responsible department"), 7),
                    Column(_("Responsible person"), 7),
                    Column(_("Subtask goal"), 14),
                    Column(_("Support needed"), 16),
                    Column(_("Planned completion"), 9),
                    Column(_("Planned progress"), 6),
                    Column(_("Actual progress"), 6),
                    Column(_("Status"), 6),
                    Column(_("Reason for deviation / remarks"), 11),
                ),
                tuple(_subtask(row) for row in self.record.assignment.subtasks),
            ),
            Table(
                (
                    Column(_("Week from"), 9),
                    Column(_("Subtask"), 23),
                    Column(_("Reason for deviation / remarks"), 30),
                    Column(_("Reported by"), 9),
                    Column(_("Planned progress"), 6),
                    Column(_("Actual progress"), 6),
                    Column(_("Deviation"), 6),
                    Column(_("Reported on"), 11),
                ),
                tuple(
                    (
                        p.week,
                        p.subtask,
                        p.reason,
                        p.reported_by.name,
                        Percent(p.planned),
                        Percent(p.actual),
                        Percent(p.actual - p.planned),
                        self.local(p.reported_at),
                    )
                    for p in self.record.assignment.progress
                ),
                _("Weekly progress"),
            ),
        )

    def communications(self):
        return (
            Table(
                (
                    Column(_("Time of communication"), 11),
                    Column(_("Participants (department + name)"), 14),
                    Column(_("Method"), 7),
                    Column(_("Topic"), 12),
                    Column(_("Key conclusions"), 19),
                    Column(_("Action items (who, what, by when)"), 19),
                    Column(_("Recorder"), 7),
                    Column(_("Time of recording"), 11),
                ),
                tuple(self.communication(row) for row in self.record.communications),
            ),
        )

    def communication(self, row):
        minutes = round((row.ends_at - row.starts_at).total_seconds() / 60)
        duration = _("%(minutes)d min") % {"minutes": minutes}
        logged = row.state == CommunicationState.LOGGED
        return (
            self.local(row.starts_at),
            _lines(*(_who(p, _("%(department)s (%(name)s)")) for p in row.participants)),
            _lines(_label(Method, row.method), duration),
            _lines(row.topic, _bracketed(_purpose(row.purpose))),
            row.conclusions if logged else _label(CommunicationState, row.state),
            _lines(*(_action(item) for item in row.action_items)),
            _lines(_name(row.recorder), _late(row.late_seconds)),
            self.local(row.recorded_at),
        )

    def issues(self):
        grids = tuple(self.issue(issue) for issue in self.record.issues)
        return grids or (Grid((_row((_("Description"), _("None recorded"))),)),)

    def issue(self, issue):
        state = [_label(Grade, issue.grade), _label(IssueState, issue.state)]
        title = _("Issue %(number)d") % {"number": issue.position}
        rows = [
            _row((_("Description"), issue.description)),
            _row(
                (_("Time of occurrence"), self.local(issue.occurred_at)),
                (_("Responsible department"), issue.department),
            ),
            _row((_("Cause"), issue.cause)),
            _row((_("Solutions already tried"), _numbered(issue.attempts))),
        ]
        for number, solution in enumerate(issue.rounds, start=1):
            rows += self.round(solution, number, len(issue.rounds))
        if not issue.rounds:
            rows += self.unanswered(issue)
        recorded = _dated(_who(issue.recorded_by), self.local(issue.recorded_at))
        reported = [words(self.local(issue.reported_at)), _late(issue.reported_late_seconds)]
        closed = _dated(_who(issue.closed_by), self.local(issue.closed_at))
        rows += [
            _row(
                (_("Subtask concerned"), issue.subtask),
                (_("Recorded by"), recorded),
            ),
            _row(
                (_("Reported upwards"), " ".join(filter(None, reported))),
                (_("Closed by"), closed),
            ),
        ]
        return Grid(tuple(rows), title + _bracketed(_details(*state)))

    def round(self, solution, number, of):
        label = _("Measures")
        if of > 1:
            label += "\n" + _("(round %(number)d)") % {"number": number}
        yield _row((label, _numbered(_measure(m) for m in solution.measures)))
        yield _row((_("New due date"), solution.due_date), (_("Result"), _ticks(solution.result)))
        if solution.result_text:
            yield _row((_("What came of it"), solution.result_text))
        if solution.return_reason:
            yield _row((_("Why it was returned"), solution.return_reason))
        if solution.next_step:
            yield _row((_("Next step"), _dated(solution.next_step, solution.next_date)))
        owner = Person(solution.owner.name, solution.department)
        yield _row(
            (_("Person in charge"), _who(owner)),
            (_("Coordination meeting"), _dated(solution.meeting, self.local(solution.decided_at))),
        )

    def unanswered(self, issue):
        """The rows of the solution, still to be filled in."""
        yield _row((_("Measures"), ""))
        yield _row((_("New due date"), issue.next_date), (_("Result"), _ticks(Result.PENDING)))
        yield _row((_("Person in charge"), _who(issue.owner)))

    def summary(self):
        summary = self.record.summary
        signed = self.local(summary.signed_at)
        stamp = _("signed electronically, %(moment)s") % {"moment": words(signed)}
        signature = _lines(summary.signed_by, stamp) if signed else ""
        rows = [
            _row((_("What worked well"), _numbered(summary.keep))),
            _row((_("What to improve"), _numbered(summary.improve))),
        ]
        if summary.text or summary.meeting:
            rows.append(_row((_("Review"), _lines(summary.meeting, summary.text))))
        if summary.missing:
            rows.append(
                _row((_("Missing at the archive"), _numbered(map(_missing, summary.missing))))
            )
            rows.append(_row((_("Reason"), summary.missing_reason)))
        archived = self.local(summary.archived_at)
        rows.append(
            _row(
                (_("Archive date"), archived and archived.date()),
                (_("Signature of the initiating department's head"), signature),
            )
        )
        return (
            Table(
                (
                    Column(_("Metric"), 31),
                    Column(_("Target value"), 10),
                    Column(_("Unit"), 9),
                    Column(_("To be reached by"), 17),
                    Column(_("Reached value"), 10),
                    Column(_("Judgement"), 10),
                    Column(_("Remarks"), 13),
                ),
                tuple(
                    (
                        r.target.metric,
                        r.target.number,
                        r.target.unit,
                        r.target.date,
                        r.number,
                        _label(Reached, r.reached),
                        r.note,
                    )
                    for r in summary.target_results
                ),
                _("Targets and what was reached"),
            ),
            Grid(tuple(rows)),
        )

    def annex(self):
        return _Annex(self.record.annex, self.zone).parts() if self.record.annex else ()


class _Annex(_Clock):
    """The annex in the active language: a part for each of its tables that has rows."""

    def __init__(self, annex, zone):
        self.annex = annex
        self.zone = zone

    def parts(self) -> tuple[Part, ...]:
        found = (
            Part("annex", _("Annex A. "), _("Reminders"), (self.reminders(),), landscape=True),
            Part(
                "annex",
                _("Annex B. "),
                _("Issues reported upwards"),
                (self.escalations(),),
                landscape=True,
            ),
        )
        return tuple(part for part in found if part.blocks[0].rows)

    def reminders(self):
        return Table(
            (
                Column(_("To be told"), 9),
                Column(_("Told"), 9),
                Column(_("Person told"), 13),
                Column(_("Told as"), 11),
                Column(_("What is owed"), 23),
                Column(_("Owed by"), 12),
                Column(pgettext("of a duty", "Due"), 9),
                Column(_("Channel and result"), 14),
            ),
            tuple(
                (
                    self.local(r.moment),
                    self.local(r.told_at),
                    _who(r.person),
                    _told_as(r),
                    pair(_duty(r.duty), r.what),
                    _who(r.owner),
                    self.local(r.due_at),
                    self.mail(r.mail),
                )
                for r in self.annex.reminders
            ),
        )

    def escalations(self):
        return Table(
            (
                Column(_("Issue concerned"), 31),
                Column(_("Told"), 9),
                Column(_("Person told"), 23),
                Column(_("Channel and result"), 14),
                Column(_("Acknowledged"), 23),
            ),
            tuple(
                (
                    pair(str(e.issue), e.description),
                    self.local(e.told_at),
                    _lines(_who(Person(e.person.name, e.department)), _superior(e.role)),
                    self.mail(e.mail),
                    _lines(words(self.local(e.acknowledged_at)), e.note),
                )
                for e in self.annex.escalations
            ),
        )

    def mail(self, mail):
        """What had become of the mail, or why there was none."""
        if mail is None:
            return _("without a mail")
        if mail.state == Message.State.SENT:
            return _("mail sent %(moment)s") % {"moment": words(self.local(mail.sent_at))}
        if mail.state == Message.State.CANCELLED:
            reason = _label(Message.Withdrawn, mail.withdrawn)
            return _lines(_("no mail sent"), reason)
        if mail.state == Message.State.FAILED:
            return _("mail failed")
        return _("mail waiting")


def _told_as(reminder):
    if reminder.stands_in_for:
        return _("stand-in for %(name)s") % {"name": reminder.stands_in_for.name}
    return _label(Role, reminder.role)


def _superior(role):
    """As what somebody was told of an issue, and why."""
    because = str(Superior(role).because) if role in Superior.values else ""
    return _label(Superior, role) + _bracketed(because)


def _duty(code):
    """What was to be done; the code itself when this version no longer knows it."""
    return str(kinds.get(code).label) if code in kinds.codes() else code


def _subtask(row):
    helpers = _("with %(names)s") % {"names": listing(row.helpers)} if row.helpers else ""
    return (
        _lines(row.name, _bracketed(row.scope)),
        row.work_item,
        row.department,
        _lines(row.owner.name, helpers),
        row.goal,
        _numbered(_support(s) for s in row.support),
        row.due_date,
        None if row.planned is None else Percent(row.planned),
        None if row.actual is None else Percent(row.actual),
        _label(SubtaskState, row.state),
        row.reason,
    )


def _support(support):
    """What is asked of whom by when, and the answer."""
    answer = [_label(SupportState, support.state), words(support.promised_date), support.answer]
    asked = _("%(department)s: %(what)s, by %(date)s") % {
        "department": support.department,
        "what": support.what,
        "date": words(support.needed_by),
    }
    return asked + _bracketed(_details(*answer))


def _action(item):
    done = item.state == ActionState.DONE
    text = _("%(who)s: %(what)s, by %(date)s") % {
        "who": _who(item.owner),
        "what": item.what,
        "date": words(item.due_date),
    }
    dropped = item.state not in (ActionState.OPEN, ActionState.DONE)
    ended = [_label(ActionState, item.state)] if dropped else []
    return f"{TICKED if done else UNTICKED} {text}" + _bracketed(_details(*ended, item.result))


def _measure(measure):
    return _("%(what)s (%(who)s, by %(date)s)") % {
        "what": measure.what,
        "who": _who(measure.owner),
        "date": words(measure.due_date),
    }


def _risk(risk):
    response = _("response: %(text)s") % {"text": risk.response} if risk.response else ""
    return risk.description + _bracketed(response)


def _missing(missing):
    text = Check(missing.kind, (Thing(),) * missing.count).text
    return pair(text, listing(missing.names)) if missing.names else text


def _ticks(result):
    """□ solved □ not solved, ticked as the answer was."""
    return "  ".join(
        f"{TICKED if result == answer else UNTICKED} {answer.label}"
        for answer in (Result.SOLVED, Result.UNSOLVED)
    )


def _purpose(purpose):
    return "" if purpose == Purpose.REGULAR else _label(Purpose, purpose)


def _late(seconds):
    """Late by how much, to the next full minute; "" when in time."""
    if seconds is None:
        return ""
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return _("late by %(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def _lines(*texts):
    return "\n".join(text.strip() for text in texts if text)


def _row(*fields):
    return tuple(Field(label, value) for label, value in fields)


def _label(choices, code):
    """The name of a stored code; the code itself when this version no longer knows it."""
    return str(choices(code).label) if code in choices.values else code


def _name(person):
    return person.name if person else ""


def _who(person, pattern="%(department)s %(name)s"):
    if person is None or not person.department:
        return _name(person)
    return pattern % {"department": person.department, "name": person.name}


def _bracketed(text):
    return _(" (%(text)s)") % {"text": text} if text else ""


def _details(*texts):
    """Several things said of one, those that are empty left out."""
    return pgettext("between things said of one", ", ").join(filter(None, texts))


def _dated(text, date):
    return _details(text, words(date))


def _numbered(texts) -> str:
    """One text as it is, several as numbered lines."""
    texts = list(texts)
    if len(texts) < 2:
        return "".join(texts)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
