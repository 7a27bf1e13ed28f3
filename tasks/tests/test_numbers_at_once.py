"""Many people submit at the same moment: distinct numbers without a gap (R5)."""

import threading

import pytest
from django.db import connection, connections

from accounts.models import Department, Organisation, User
from conftest import at, give_head, make_department, make_person, requirement
from tasks.models import Task
from tasks.services import drafting, initiation

NOW = at("2024-09-21 09:00")
PEOPLE = 40


@pytest.mark.django_db(transaction=True)
def test_forty_people_submit_at_the_same_moment():
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("needs a database file that connections share")
    drafts = _drafts()
    barrier, errors = threading.Barrier(PEOPLE), []

    def submit(pk, person):
        try:
            barrier.wait()
            initiation.submit_task(
                task=Task.objects.get(pk=pk), by=User.objects.get(pk=person), now=NOW
            )
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit, args=(d.pk, d.initiator_id)) for d in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    numbers = sorted(Task.objects.values_list("number", flat=True))
    assert numbers == [f"2024-市场-{n:03d}" for n in range(1, PEOPLE + 1)]


def _drafts():
    Organisation.objects.create(pk=1, name="示例公司")
    market = make_department("市场部", "市场")
    sales = make_department("销售部", "销售")
    give_head(market, make_person("经理D", market))
    fields, rows = requirement()
    fields.pop("title")
    drafts = []
    for n in range(PEOPLE):
        task = drafting.create_draft(
            department=Department.objects.get(pk=market.pk),
            by=User.objects.get(name="经理D"),
            now=NOW,
            title=f"任务{n}",
        )
        drafts.append(
            drafting.save_draft(
                task=task,
                by=task.initiator,
                now=NOW,
                version=1,
                fields=fields,
                rows=rows,
                departments=[sales],
            )
        )
    return drafts
