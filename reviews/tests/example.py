"""The last stage of the worked example, through the services that people use."""

import datetime as dt

from communications.services import logs, scheduling
from conftest import PASSWORD, at
from records.services import archive_task
from reviews.services import write_review
from tasks.services import assignment, closing
from tasks.services.planning import current_plan
from weekly.services.issuing import send_weekly_sync
from weekly.services.progress import report_progress

KEEP = "每周进度同步机制有效，能及时发现并解决问题"
IMPROVE = "前期需求确认需增加书面流程，减少口头沟通误差"
FINISHED = at("2024-11-01 17:00")
REVIEWED = at("2024-11-04 16:00")
ARCHIVED = at("2024-11-05 10:00")


def work_through(task):
    """Every subtask reported each week and finished on its due date."""
    for subtask in task.subtasks.all():
        for monday in (dt.date(2024, 9, 30), dt.date(2024, 10, 7)):
            report_progress(
                subtask=subtask,
                actual=current_plan(subtask).percent_in(monday),
                by=subtask.owner,
                now=at("2024-10-11 17:00"),
                week=monday,
            )
        assignment.finish_subtask(subtask=subtask, by=subtask.owner, now=at("2024-10-15 18:00"))


def roll_up(cast, task):
    """Every week of the work, sent to the heads on its Friday."""
    for friday in ("10-04", "10-11", "10-18", "10-25", "11-01"):
        send_weekly_sync(
            task=task,
            week=dt.date.fromisoformat(f"2024-{friday}"),
            by=cast.market_head,
            now=at(f"2024-{friday} 16:30"),
            summary="各部门按计划推进。",
        )


def finish(cast, task):
    return closing.finish_task(task=task, by=cast.market_head, now=FINISHED)


def hold_review_meeting(cast, task):
    """The review meeting, called and logged."""
    meeting = scheduling.schedule_communication(
        task=task,
        by=cast.market_head,
        now=at("2024-11-01 18:00"),
        topic="Q4新品上市复盘会",
        starts_at=at("2024-11-04 14:00"),
        ends_at=at("2024-11-04 15:00"),
        purpose="review",
    )
    return logs.complete_log(
        communication=meeting,
        by=cast.market_head,
        now=at("2024-11-04 15:30"),
        conclusions="推广达成首月销售目标。",
        participants=[
            {"department_name": person.main_department.name, "name": person.name}
            for person in (cast.market_head, cast.sales_head)
        ],
    )


def review_of(task, **changes):
    """The review of the worked example, as write_review takes it."""
    sales, users = task.targets.all()
    return {
        "version": 0,
        "summary": "总体达成。",
        "results": [
            {"target": sales, "reached": "met", "number": 512, "note": ""},
            {"target": users, "reached": "partly", "number": 1.8, "note": "线下门店转化偏低"},
        ],
        "lessons": [{"kind": "keep", "text": KEEP}, {"kind": "improve", "text": IMPROVE}],
    } | changes


def write(cast, task, now=REVIEWED, **changes):
    return write_review(task=task, by=cast.market_head, now=now, **review_of(task, **changes))


def complete(cast, task):
    """The task in review with nothing missing."""
    work_through(task)
    roll_up(cast, task)
    task = finish(cast, task)
    write(cast, task, meeting=hold_review_meeting(cast, task))
    return type(task).objects.get(pk=task.pk)


def sign(cast, task, now=ARCHIVED, **changes):
    values = {"by": cast.market_head, "password": PASSWORD} | changes
    return archive_task(task=task, now=now, **values)
