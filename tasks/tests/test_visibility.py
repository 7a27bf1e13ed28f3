"""Who sees which task, against the rule said once more in plain Python (R29)."""

import random
from types import SimpleNamespace

import pytest

from accounts.models import Contact, Department, User
from conftest import at, make_department, make_person
from tasks.models import Collaboration, Task, TaskMember, initiation

NOW = at("2024-09-20 09:00")


def invent(seed):
    """An organisation of a few trees of departments, its people, and forty tasks of theirs."""
    chance = random.Random(seed)
    departments = []
    for number in range(9):
        above = chance.choice([None, *departments])
        departments.append(make_department(f"部门{number}", f"部{number}", above))
    people = []
    for number in range(12):
        places = chance.sample(departments, chance.choice([0, 1, 1, 2]))
        rights = {"is_records_administrator": number == 0}
        people.append(make_person(f"员工{number}", *places, **rights))
    for department in departments:
        department.head = chance.choice([None, *people[1:]])
        department.save()
        for person in chance.sample(people, chance.choice([0, 0, 1])):
            Contact.objects.create(department=department, user=person, named_at=NOW)
    for number in range(40):
        invent_task(chance, number, departments, people)
    return people


def invent_task(chance, number, departments, people):
    draft = chance.random() < 0.3
    first, *others = chance.sample(departments, chance.choice([1, 2, 3]))
    task = Task.objects.create(
        number=None if draft else f"2024-{first.short_name}-{number:03d}",
        title=f"任务{number}",
        department=first,
        initiator=chance.choice(people),
        stage="draft" if draft else chance.choice(["consultation", "execution", "archived"]),
        created_at=NOW,
        submitted_at=None if draft else NOW,
    )
    for department in others:
        Collaboration.objects.create(task=task, department=department)
    for person in chance.sample(people, chance.choice([0, 0, 1, 2])):
        TaskMember.objects.create(task=task, user=person)


def known():
    """Everything that the rule is about, read plainly."""
    return SimpleNamespace(
        parents=dict(Department.objects.values_list("pk", "parent_id")),
        heads=dict(Department.objects.values_list("pk", "head_id")),
        contacts=set(Contact.objects.values_list("department_id", "user_id")),
        tasks=Task.objects.prefetch_related("collaborations", "members"),
    )


def with_all_above(department_id, parents):
    while department_id:
        yield department_id
        department_id = parents[department_id]


def may_see(person, task, world):
    def acts_for(department_id):
        is_contact = (department_id, person.pk) in world.contacts
        return world.heads[department_id] == person.pk or is_contact

    if person.pk == task.initiator_id or acts_for(task.department_id):
        return True
    if task.submitted_at is None:
        return False
    if person.is_records_administrator or person.pk in {m.user_id for m in task.members.all()}:
        return True
    belongs = set(person.memberships.values_list("department_id", flat=True))
    return any(
        department_id in belongs
        or acts_for(department_id)
        or any(
            world.heads[above] == person.pk
            for above in with_all_above(department_id, world.parents)
        )
        for department_id in [
            task.department_id,
            *(row.department_id for row in task.collaborations.all()),
        ]
    )


@pytest.mark.out_of_step
@pytest.mark.parametrize("few", [0, 1_000], ids=["sees many", "sees few"])
@pytest.mark.parametrize("seed", range(8))
def test_pages_and_lists_show_what_the_rule_says(db, monkeypatch, seed, few):
    monkeypatch.setattr(initiation, "FEW", few)
    invent(seed)
    world = known()
    for person in User.objects.all():
        seen = {task for task in world.tasks if may_see(person, task, world)}
        assert set(Task.objects.visible_to(person)) == seen
        listed = Task.objects.listed_to(person)
        assert list(listed) == sorted(seen, key=lambda task: -task.pk)
        assert set(listed.containing("务1")) == {task for task in seen if "务1" in task.title}


def test_a_complete_number_finds_its_task_only(cast, running, sign_in):
    found = sign_in(cast.market_head).get("/tasks/", {"q": running.number}).context["tasks"]
    assert found == [running]
    assert not sign_in(cast.outsider).get("/tasks/", {"q": running.number}).context["tasks"]
