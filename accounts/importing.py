"""Departments and people from a file: read, rehearsed, looked at, and only then stored.

The rehearsal runs the very services that storing will run, in a transaction that is rolled back.
What the preview promises is therefore what happens, and no rule has a second home here.
"""

import datetime as dt
import re
import tomllib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import permissions
from accounts.models import Department, PendingImport, User
from accounts.services import departments, people
from accounts.tables import UploadRefused, read_tables, too_many_rows
from coordination.errors import DomainError
from coordination.words import pair

_known = tomllib.loads(Path(__file__).with_name("import_columns.toml").read_text("utf-8"))
WORDS = _known.pop("words")
COLUMNS = _known
REQUIRED = {"department": ("name", "short_name"), "person": ("name", "username")}
KEPT_FOR = dt.timedelta(days=1)
MAX_DEPARTMENTS = 500
MAX_PEOPLE = 5000
MAX_MEMBERSHIPS = 20

# In the order of the preview: what asks for attention first.
OUTCOMES = ERROR, NEW, CHANGED, UNCHANGED = "error", "new", "changed", "unchanged"


class NothingToStore(DomainError):
    code = "nothing_to_store"
    message = gettext_lazy("This import has been stored or discarded already.")


class HasErrors(DomainError):
    code = "has_errors"
    message = gettext_lazy("Correct the rows with errors first; nothing has been stored.")


class RowProblem(DomainError):
    """What is wrong with one row; `field` names its column."""

    code = "row_problem"


@dataclass
class Row:
    """One row of the file and what storing it does. Kept as JSON between preview and storing."""

    kind: str
    """department or person"""
    sheet: str
    number: int
    values: dict
    """{field: text}, filled cells only: an empty cell changes nothing."""
    columns: dict
    """{field: name of the column in the file}"""
    problems: list = field(default_factory=list)
    """[[column, message]]"""
    outcome: str = UNCHANGED
    changes: dict = field(default_factory=dict)
    """{field: [old, new]} of a changed row"""

    def fail(self, name, message):
        self.outcome = ERROR
        self.problems.append([self.columns.get(name, ""), str(message)])

    def change(self, changes):
        self.changes |= changes
        if changes and self.outcome == UNCHANGED:
            self.outcome = CHANGED


def upload(*, by, now, file_name: str, data: bytes) -> PendingImport:
    """Reads a file and keeps what storing it would do. Raises UploadRefused with the reason.

    The file is read before the transaction begins: nobody else's writing waits for that.
    """
    permissions.ORGANISATION.require(by, "import", None)
    rows, ignored = read_rows(file_name, data)
    return _keep(rows, by=by, now=now, file_name=file_name, ignored=ignored)


@transaction.atomic
def _keep(rows, *, by, now, **about) -> PendingImport:
    """Takes the place of the person's earlier one; two at the same moment leave one."""
    PendingImport.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    kept = [asdict(row) for row in rehearse(rows, by=by, now=now)]
    pending, _created = PendingImport.objects.update_or_create(
        person=by, defaults={"rows": kept, "created_at": now, **about}
    )
    return pending


def rehearse(rows: list[Row], *, by, now) -> list[Row]:
    """The rows with the outcome that storing them would have; nothing is stored."""
    with transaction.atomic():
        outcome = _Run(rows, by, now).result()
        transaction.set_rollback(True)
    return outcome


def store(*, by, now) -> bool:
    """Stores the person's pending import through the services, all of it or nothing.

    False when the organisation has changed since the preview: nothing is stored then, and the
    preview shows what would happen now. Raises NothingToStore, HasErrors.
    """
    permissions.ORGANISATION.require(by, "import", None)
    with transaction.atomic():
        pending = PendingImport.objects.select_for_update().filter(person=by).first()
        if pending is None:
            raise NothingToStore
        rows = [Row(**row) for row in pending.rows]
        if any(row.outcome == ERROR for row in rows):
            raise HasErrors
        with transaction.atomic():
            outcome = _Run(rows, by, now).result()
            as_shown = _effects(outcome) == _effects(rows)
            transaction.set_rollback(not as_shown)
        if as_shown:
            pending.delete()
        else:
            pending.rows = [asdict(row) for row in outcome]
            pending.save(update_fields=["rows"])
    return as_shown


def discard(*, by) -> None:
    """Puts the person's pending import aside."""
    permissions.ORGANISATION.require(by, "import", None)
    PendingImport.objects.filter(person=by).delete()


def _effects(rows):
    return [(row.outcome, row.changes) for row in rows]


# Reading


def read_rows(file_name, data) -> tuple[list[Row], list[str]]:
    """The rows of every sheet, and the columns that nobody knows. Raises UploadRefused."""
    rows, ignored = [], []
    for sheet in read_tables(file_name, data):
        kind, places, unknown = _header(sheet)
        names = {name: sheet.lines[0].cells[index].text for index, name in places.items()}
        ignored += [pair(sheet.name, text) for text in unknown]
        rows += [_row(kind, sheet, line, places, names) for line in sheet.lines[1:]]
    if not rows:
        raise UploadRefused(gettext_lazy("The file has a header and no rows."))
    _check_amount([row.kind for row in rows])
    return rows, ignored


def _check_amount(kinds):
    if kinds.count("department") > MAX_DEPARTMENTS:
        raise UploadRefused(gettext_lazy("The file has more than 500 departments. Split it."))
    if kinds.count("person") > MAX_PEOPLE:
        raise UploadRefused(too_many_rows())


def _header(sheet) -> tuple[str, dict[int, str], list[str]]:
    """(kind of rows, {index: field}, names of unknown columns) by the first row of a sheet."""
    texts = [cell.text for cell in sheet.lines[0].cells]
    found = {kind: _places(kind, texts) for kind in COLUMNS}
    kind = max(found, key=lambda each: len(found[each]))
    places = found[kind]
    missing = [name for name in REQUIRED[kind] if name not in places.values()]
    if missing:
        raise UploadRefused(
            _("Sheet “%(sheet)s”: the first row must name the columns %(columns)s.")
            % {"sheet": sheet.name, "columns": " · ".join(_aliases(kind, n) for n in missing)}
        )
    if len(set(places.values())) < len(places):
        raise UploadRefused(
            _("Sheet “%(sheet)s”: a column stands there twice.") % {"sheet": sheet.name}
        )
    unknown = [text for index, text in enumerate(texts) if text and index not in places]
    return kind, places, unknown


def _places(kind, texts) -> dict[int, str]:
    known = {
        _plain(name): column
        for column, about in COLUMNS[kind].items()
        for names in about["names"].values()
        for name in names
    }
    return {i: known[_plain(text)] for i, text in enumerate(texts) if _plain(text) in known}


def _plain(header: str) -> str:
    return re.sub(r"[\s*＊]", "", header).casefold()


def _aliases(kind, name) -> str:
    return " / ".join(names[0] for names in COLUMNS[kind][name]["names"].values())


def _row(kind, sheet, line, places, names) -> Row:
    cells = {name: line.cells[i] for i, name in places.items() if i < len(line.cells)}
    row = Row(
        kind=kind,
        sheet=sheet.name,
        number=line.number,
        values={name: cell.text for name, cell in cells.items() if cell.text},
        columns=names,
    )
    for name, cell in cells.items():
        if cell.problem:
            row.fail(name, cell.problem)
    return row


# Storing


class _Run:
    """One passage of the rows through the services: departments, people, then heads."""

    def __init__(self, rows, by, now):
        self.rows = [_untouched(row) for row in rows]
        self.by = {"by": by, "now": now}
        self.tree = departments.lock_departments()
        self.departments = _departments_by_name()
        self.people = _people_named(row.values.get("username") for row in self._of("person"))
        self.seen = {}
        self.heads = {}

    def result(self) -> list[Row]:
        departments, people = self._of("department"), self._of("person")
        for row in _parents_first(departments):
            self._attempt(row, self._department)
        for row in people:
            self._attempt(row, self._person)
        for row in departments:
            if "head" in row.values:
                self._attempt(row, self._named_head)
        for row in people:
            if "is_head" in row.values:
                self._attempt(row, self._heading)
        return self.rows

    def _of(self, kind):
        return [row for row in self.rows if row.kind == kind]

    def _attempt(self, row, act):
        """Each act calls at most one service, and a service that refuses leaves no trace."""
        if row.outcome == ERROR:
            return
        try:
            act(row)
        except DomainError as error:
            row.fail(error.field, error.message)
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                row.fail(name, " ".join(texts))

    def _department(self, row):
        name, values = row.values.get("name", ""), row.values
        self._only_once(row, "name", name)
        current = self.departments.get(name)
        if current and current.name != name:
            current = None
        short_name = values.get("short_name", current.short_name if current else "")
        parent = self._department_named(values["parent"], "parent") if "parent" in values else None
        _clean(Department(name=name, short_name=short_name), {"name", "short_name"})
        if current is None:
            row.outcome = NEW
            current = departments.create_department(
                name=name, short_name=short_name, parent=parent, tree=self.tree, **self.by
            )
        else:
            self._edit_department(row, current, short_name, parent or current.parent)
        self.departments.setdefault(current.short_name, current)
        self.departments[current.name] = current

    def _edit_department(self, row, department, short_name, parent):
        if not department.is_active:
            raise RowProblem(_("This department is deactivated."), field="name")
        changes = _differences(
            short_name=(department.short_name, short_name),
            parent=(_name(department.parent), _name(parent)),
        )
        if changes:
            self._rewrite(department, short_name=short_name, parent=parent)
        row.change(changes)

    def _rewrite(self, department, **new):
        fields = ("version", "name", "short_name", "parent", "head")
        as_it_is = {name: getattr(department, name) for name in fields}
        departments.edit_department(
            department=department, tree=self.tree, **as_it_is | new, **self.by
        )

    def _person(self, row):
        username, values = row.values.get("username", ""), row.values
        self._only_once(row, "username", username)
        current = self.people.get(username)
        texts = {
            name: values.get(name, getattr(current, name, ""))
            for name in ("username", "name", "email", "title")
        }
        _clean(User(**texts), {"username", "name", *values})
        before = _memberships(current)
        departments, main = self._belongs(values, before)
        texts |= {"departments": departments, "main_department": main}
        if current is None:
            row.outcome = NEW
            self.people[username] = people.create_person(**texts, **self.by)
        else:
            self._edit_person(row, current, before, texts)

    def _edit_person(self, row, person, before, new):
        if not person.is_active:
            raise RowProblem(_("This person is deactivated."), field="username")
        changes = _differences(
            **{name: (getattr(person, name), new[name]) for name in ("name", "email", "title")},
            departments=(_names(before), _names(new["departments"], first=new["main_department"])),
        )
        if changes:
            fields = ("version", "language", "is_records_administrator", "is_staff")
            as_it_is = {name: getattr(person, name) for name in fields}
            people.edit_person(person=person, **as_it_is | new, **self.by)
        row.change(changes)

    def _belongs(self, values, before):
        """(departments, the main one); cells left empty leave it as it is."""
        departments = before
        if "departments" in values:
            names = [n for n in re.split(r"\s*[、,，;；]\s*", values["departments"]) if n]
            if len(names) > MAX_MEMBERSHIPS:
                raise RowProblem(_("More than 20 departments."), field="departments")
            departments = [self._department_named(name, "departments") for name in names]
            departments = list(dict.fromkeys(departments))
        main = before[0] if before and before[0] in departments else None
        if "main_department" in values:
            main = self._department_named(values["main_department"], "main_department")
        return departments, main or next(iter(departments), None)

    def _department_named(self, name, column):
        department = self.departments.get(name)
        if department is None:
            message = _("There is no department “%(name)s”.") % {"name": name}
            raise RowProblem(message, field=column)
        if not department.is_active:
            raise RowProblem(_("This department is deactivated."), field=column)
        return department

    def _only_once(self, row, column, value):
        earlier = self.seen.setdefault((row.kind, value), row)
        if value and earlier is not row:
            raise RowProblem(_("Row %(row)d is about the same.") % _place(earlier), field=column)

    def _named_head(self, row):
        """The column of a department's row that names its head."""
        department = self.departments[row.values["name"]]
        head = _person_called(row.values["head"], department)
        self._give_head(row, "head", department, head)

    def _heading(self, row):
        """The column of a person's row that says: heads the main department."""
        word = row.values["is_head"].casefold()
        if word not in WORDS["yes"] + WORDS["no"]:
            raise RowProblem(_("Say yes or no."), field="is_head")
        if word not in WORDS["yes"]:
            return
        person = self.people[row.values["username"]]
        department = person.main_department
        if department is None:
            raise RowProblem(_("A head needs a department."), field="is_head")
        self._give_head(row, "is_head", self.departments[department.name], person)

    def _give_head(self, row, column, department, person):
        earlier, head = self.heads.setdefault(department.pk, (row, person))
        if head != person:
            message = _("Sheet “%(sheet)s”, row %(row)d names another head.") % _place(earlier)
            raise RowProblem(message, field=column)
        if department.head_id == person.pk:
            return
        changes = {column: [_name(department.head), str(person)]}
        self._rewrite(department, head=person)
        row.change(changes)


def _departments_by_name() -> dict[str, Department]:
    """By short and by full name; the full one wins where both read the same."""
    departments = list(Department.objects.select_related("parent", "head"))
    return {d.short_name: d for d in departments} | {d.name: d for d in departments}


def _people_named(usernames) -> dict[str, User]:
    people = User.objects.in_bulk({name for name in usernames if name}, field_name="username")
    prefetch_related_objects(list(people.values()), "memberships__department")
    return people


def _person_called(text, department) -> User:
    """The active person with this login name, or the only one with this name."""
    people = User.objects.active()
    found = list(people.filter(username=text)) or list(people.filter(name=text)[:2])
    if len(found) > 1:
        found = list(people.filter(name=text, memberships__department=department)[:2])
    if not found:
        raise RowProblem(_("There is no person “%(name)s”.") % {"name": text}, field="head")
    if len(found) > 1:
        message = _("Several people have this name: give the login name.")
        raise RowProblem(message, field="head")
    return found[0]


def _parents_first(rows: list[Row]) -> list[Row]:
    """In an order in which every parent in the file comes before its children; cycles fail."""
    by_name = {
        row.values[key]: row for key in ("short_name", "name") for row in rows if key in row.values
    }
    ordered = {}
    for row in rows:
        chain = {}
        while row is not None and id(row) not in ordered and id(row) not in chain:
            chain[id(row)] = row
            row = by_name.get(row.values.get("parent"))
        if row is not None and id(row) in chain:
            for each in list(chain.values())[list(chain).index(id(row)) :]:
                each.fail("parent", departments.BelowItself.message)
        ordered |= dict(reversed(chain.items()))
    return list(ordered.values())


def _clean(row, fields) -> None:
    """Shape of what the file says, by the model's own validators; ValidationError says where."""
    row.clean_fields(exclude={f.name for f in row._meta.fields} - fields)


def _memberships(person) -> list[Department]:
    """A person's departments, the main one first."""
    if person is None:
        return []
    memberships = sorted(person.memberships.all(), key=lambda m: (not m.is_main, m.pk))
    return [m.department for m in memberships]


def _differences(**pairs) -> dict:
    return {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def _name(row) -> str:
    return str(row) if row else ""


def _names(departments, first=None) -> str:
    return "、".join(
        str(d) for d in sorted(departments, key=lambda d: d != (first or departments[0]))
    )


def _place(row) -> dict:
    return {"sheet": row.sheet, "row": row.number}


def _untouched(row) -> Row:
    """The row as it was read."""
    outcome = ERROR if row.problems else UNCHANGED
    return replace(row, problems=list(row.problems), outcome=outcome, changes={})
