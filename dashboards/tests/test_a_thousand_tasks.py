"""What each page over many tasks asks of the database: the same at ten and at a thousand tasks."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import at
from deadlines.models import Deadline
from tasks.models import Collaboration, Plan, ProgressUpdate, Subtask, Task, WorkItem
from weekly.models import EarlyWarning, WeeklySync
from weekly.services.warnings import watch_all

pytestmark = pytest.mark.django_db

# Address, who opens it, how many statements it takes.
PAGES = [
    ("home", None, "market_head", 15),
    ("weekly:my_week", None, "market_staff", 12),
    ("weekly:week", "task", "market_head", 20),
    ("weekly:send", "task", "market_head", 20),
    ("dashboards:plan_chart", "task", "market_head", 16),
    ("dashboards:due", None, "market_head", 10),
    ("dashboards:overview", None, "director", 18),
    ("dashboards:escalation_list", None, "director", 8),
    ("dashboards:department_rates", None, "director", 12),
    ("dashboards:duty_list", None, "director", 10),
    ("dashboards:department_work", "department", "director", 15),
    ("dashboards:workload", None, "director", 14),
    ("tasks:task_list", None, "director", 11),
]


@pytest.fixture
def company(running, cast):
    """Ten tasks under way, each late in something."""
    watch_all(at("2024-10-16 09:00"))
    repeat(running, 9)
    return running


def repeat(task, times):
    """So many more tasks like this one, with what they owe and what endangers them."""
    for number in range(times):
        more = copied(task, number=f"{task.number}-{Task.objects.count()}-{number}")
        for part in (Collaboration, WeeklySync):
            bulk(part, part.objects.filter(task=task), task=more)
        items = {w.pk: copied(w, task=more) for w in WorkItem.objects.filter(task=task)}
        for subtask in Subtask.objects.filter(task=task):
            same = copied(subtask, task=more, work_item=items[subtask.work_item_id])
            for part in (Plan, ProgressUpdate):
                bulk(part, part.objects.filter(subtask=subtask), subtask=same)
            mine = {"subject_type": "tasks.subtask", "subject_id": subtask.pk}
            bulk(Deadline, Deadline.objects.filter(**mine), task_id=more.pk, subject_id=same.pk)
            warnings = EarlyWarning.objects.filter(subtask=subtask)
            bulk(EarlyWarning, warnings, task=more, subtask=same)


def copied(row, **changes):
    return bulk(type(row), [row], **changes)[0]


def bulk(model, rows, **changes):
    """Copies of rows with some values of their own."""
    fields = [f.attname for f in model._meta.concrete_fields if not f.primary_key]
    values = [{name: getattr(row, name) for name in fields} | _ids(changes) for row in rows]
    return model.objects.bulk_create(model(**each) for each in values)


def _ids(changes):
    return {
        (name if isinstance(value, str | int) else f"{name}_id"): getattr(value, "pk", value)
        for name, value in changes.items()
    }


@pytest.mark.out_of_step
def test_a_page_costs_the_same_at_ten_and_at_a_thousand_tasks(company, cast):
    few = costs(company, cast)
    repeat(company, 990)
    assert Task.objects.count() == 1000
    many = costs(company, cast)
    assert few == many == {name: number for name, _about, _who, number in PAGES}
    assert max(many.values()) <= 20


def costs(task, cast):
    return {name: statements(task, cast, name, about, who) for name, about, who, _n in PAGES}


def statements(task, cast, name, about, who):
    client = Client()
    client.force_login(getattr(cast, who))
    args = {"task": [task.pk], "department": [cast.market.pk]}.get(about, [])
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(name, args=args)).status_code == 200
    return len(captured)
