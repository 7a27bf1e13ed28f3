"""What the services of communications have in common: times, participants, who is told."""

from collections import defaultdict

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Membership, User
from audit import history
from communications.models import Participant
from coordination.errors import DomainError, StageChanged
from deadlines.services import tell


class EndsBeforeStart(DomainError):
    code = "ends_before_start"
    message = _("The end must not lie before the start.")


class DepartmentMissing(DomainError):
    code = "department_missing"
    message = _("Say which department each participant belongs to.")


class ParticipantMissing(DomainError):
    code = "participant_missing"
    message = _("Name the people who took part.")


def check_order(starts_at, ends_at):
    if ends_at < starts_at:
        raise EndsBeforeStart(field="ends_at")


def require_current(row, states, *, by, now, version=None):
    """Before anything is written: the row is in one of `states` and as the person had opened it.

    Raises StageChanged or EditedMeanwhile. Called with the task locked, so the answer holds.
    """
    if not type(row).objects.filter(pk=row.pk, state__in=states).exists():
        raise StageChanged
    history.change(row, "", by=by, now=now, version=version)


def write_participants(communication, people, *, only=None) -> dict:
    """Makes the participants what is wanted; returns {"participants": (old, new)} or {}.

    `people` is [{"department_name", "name"}, …]: one whose name is that of exactly one active
    person of the department is linked to the account (`only`: of these departments); of several,
    the one that the row's own "user" or the earlier participant says. The same person twice is
    one participant.
    """
    before = list(communication.participants.select_related("user"))
    earlier = {(p.department_name, p.name): p.user for p in before}
    wanted = _resolve(people, only, earlier)
    communication.participants.all().delete()
    for position, participant in enumerate(wanted, start=1):
        participant.communication = communication
        participant.position = position
    Participant.objects.bulk_create(wanted)
    old, new = [str(p) for p in before], [str(p) for p in wanted]
    return {} if old == new else {"participants": (old, new)}


def accounts_in(communication) -> list[User]:
    """The participants who have an account."""
    linked = communication.participants.filter(user__isnull=False).select_related("user")
    return [participant.user for participant in linked]


def tell_people(communication, event, now, *others):
    """Tells participants with an account, the keeper and the initiator, and `others`."""
    task = communication.task
    people = [*accounts_in(communication), communication.keeper, task.initiator, *others]
    link = communication.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=task)


def _resolve(people, only, earlier) -> list[Participant]:
    departments = _departments({_plain(p["department_name"]) for p in people})
    linking = [d for d in departments.values() if only is None or d.pk in only]
    accounts = _accounts(linking, {_plain(p["name"]) for p in people})
    found = {}
    for person in people:
        participant = _participant(person, departments, accounts, earlier)
        key = participant.user_id or (participant.department_name, participant.name)
        found.setdefault(key, participant)
    return list(found.values())


def _participant(person, departments, accounts, earlier) -> Participant:
    typed, name = _plain(person["department_name"]), _plain(person["name"])
    if not name:
        raise ParticipantMissing(field="participants")
    if not typed:
        raise DepartmentMissing(field="participants")
    department = departments.get(typed)
    known = department.name if department else typed
    said = person.get("user") or earlier.get((known, name))
    named = accounts.get((department.pk, name), []) if department else []
    meant = [user for user in named if user == said] or named
    return Participant(
        department=department,
        department_name=known,
        user=meant[0] if len(meant) == 1 else None,
        name=name,
    )


def _departments(names) -> dict[str, Department]:
    """Active departments by full and short name."""
    found = Department.objects.active().filter(Q(name__in=names) | Q(short_name__in=names))
    by_short_name = {department.short_name: department for department in found}
    return by_short_name | {department.name: department for department in found}


def _accounts(departments, names) -> dict[tuple[int, str], list[User]]:
    """Active people by department and name."""
    found = defaultdict(list)
    for membership in Membership.objects.filter(
        department__in=departments, user__name__in=names, user__is_active=True
    ).select_related("user"):
        found[membership.department_id, membership.user.name].append(membership.user)
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())
