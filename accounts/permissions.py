"""Who may change what in the organisation. Everybody signed in may read it, but for the work of a
department (R29)."""

from coordination.permissions import Table, rule


@rule("system administrator")
def is_administrator(user, thing):
    return user.is_staff


@rule("head of the department")
def heads(user, department):
    return department.head_id == user.pk


@rule("belongs to the department, acts for it, or stands above it")
def reaches(user, department):
    return department.pk in user.standing.reach


@rule("records administrator")
def keeps_records(user, department):
    return user.is_records_administrator


@rule("the person themselves")
def is_self(user, person):
    return person.pk == user.pk


@rule("head of one of their departments")
def heads_theirs(user, person):
    return person.memberships.filter(department__head=user).exists()


@rule("head of the department it is held for, or of one of the person's")
def heads_its_department(user, held):
    """What people hold for themselves is the matter of any of their heads; nobody stands in."""
    heads = user.standing.own.heads
    if held.department_id is None:
        return any(seat.department_id in heads for seat in held.person.seats)
    return held.department_id in heads


ORGANISATION = Table({"edit": is_administrator, "import": is_administrator})

DEPARTMENT = Table(
    {
        "see_work": reaches | keeps_records,
        "create": is_administrator,
        "edit": is_administrator,
        "activate": is_administrator,
        "deactivate": is_administrator,
        "name_contact": heads | is_administrator,
        "remove_contact": heads | is_administrator,
    }
)

PERSON = Table(
    {
        "create": is_administrator,
        "edit": is_administrator,
        "activate": is_administrator,
        "deactivate": is_administrator & ~is_self,
        "set_password": is_administrator & ~is_self,
        "see_sign_in": is_administrator,
        "take_second_factor": is_administrator & ~is_self,
        "end_sessions": is_administrator & ~is_self,
        "change_password": is_self,
        "edit_profile": is_self,
        "keep_absences": is_self | is_administrator | heads_theirs,
        # Not the person themselves: who does what is their head's to say (R12).
        "hand_over": is_administrator | heads_theirs,
    }
)

# What a person holds (accounts.leaving.Held). Who heads a department is an administrator's to say.
HELD = Table(
    {
        "hand_over": is_administrator | heads_its_department,
        "hand_over_department": is_administrator,
    }
)

HISTORY = Table(
    {
        "search": keeps_records | is_administrator,
        "search_tasks": keeps_records,
        "export": keeps_records | is_administrator,
    }
)
