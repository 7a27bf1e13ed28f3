"""After archiving every service refuses, and nothing in the task has moved (R26)."""

import datetime as dt
import importlib
import inspect
import pkgutil

import pytest

from attachments.tests.files import attached, put
from audit.models import Event
from communications.services import logs, scheduling
from conftest import at, requirement
from coordination.errors import StageChanged
from deadlines.models import Deadline, Notice
from issues.services import recording, solving
from records.build import build
from records.canonical import canonical
from records.models import Archive
from reviews.models import SignOff
from reviews.tests import example
from tasks.models import Task
from tasks.services import support
from weekly.services.issuing import send_weekly_sync

APPS = ("tasks", "attachments", "communications", "issues", "weekly", "reviews")
DAY = dt.date(2024, 11, 20)
LATER = at("2024-11-18 10:00")

NOT_REFUSED = {
    # Opens a task of its own: no archived one is touched.
    "tasks.services.drafting.create_draft",
    # Who may read an archive is still decided; what stands in it is not.
    "tasks.services.confidentiality.let_see",
    "tasks.services.confidentiality.stop_seeing",
}


def services():
    """Every public service of the stage apps by its full name: keyword-only, with by and now."""
    return {
        f"{module.__name__}.{name}": function
        for app in APPS
        for module in _modules(importlib.import_module(f"{app}.services"))
        for name, function in vars(module).items()
        if _is_service(function, module)
    }


def _modules(package):
    names = [m.name for m in pkgutil.iter_modules(getattr(package, "__path__", []))]
    return [package, *(importlib.import_module(f"{package.__name__}.{name}") for name in names)]


def _is_service(function, module):
    if not inspect.isfunction(function) or function.__name__.startswith("_"):
        return False
    if inspect.getmodule(inspect.unwrap(function)) is not module:
        return False
    parameters = inspect.signature(function).parameters
    kinds = {p.kind for p in parameters.values()}
    return {"by", "now"} <= set(parameters) and kinds <= {
        inspect.Parameter.KEYWORD_ONLY,
        inspect.Parameter.VAR_KEYWORD,
    }


@pytest.fixture
def rows(cast, running):
    """One of everything in the task, then archived."""
    subtask = running.subtasks.get(name="渠道铺设")
    asked = support.ask_support(
        subtask=subtask,
        department=cast.market,
        what="宣传海报设计稿",
        needed_by=dt.date(2024, 10, 10),
        by=cast.sales_head,
        now=at("2024-10-02 09:00"),
    )
    issue = recording.record_issue(
        task=running,
        by=cast.market_staff,
        now=at("2024-10-13 10:00"),
        description="宣传物料未按时交付",
        cause="供应商产能不足",
        occurred_at=at("2024-10-13 09:00"),
        department=cast.market,
        owner=cast.market_staff,
        needs_other_departments=True,
        affects_finish=False,
        next_date=dt.date(2024, 10, 14),
        report=True,
    )
    solution = solving.record_solution(
        issue=issue,
        by=cast.market_head,
        now=at("2024-10-13 11:00"),
        measures=[{"what": "供应商加急", "owner": cast.market_staff, "due_date": DAY}],
        department=cast.market,
        owner=cast.market_staff,
        due_date=DAY,
    )
    talk = scheduling.we_talked(
        task=running, by=cast.sales_head, now=at("2024-10-18 10:30"), topic="产品功能上线时间确认"
    )
    talk = logs.complete_log(
        communication=talk,
        by=cast.market_head,
        now=at("2024-10-18 11:00"),
        conclusions="研发部确认11月5日前完成测试",
        participants=[{"department_name": "销售部", "name": "主管G"}],
        action_items=[{"owner": cast.sales_staff, "what": "提交推广文案初稿", "due_date": DAY}],
    )
    week = send_weekly_sync(
        task=running,
        by=cast.market_head,
        now=at("2024-10-07 09:00"),
        week=dt.date(2024, 9, 30),
        summary="按计划推进",
    )
    file = attached(running, by=cast.market_head, now=at("2024-10-08 09:00"))
    task = example.finish(cast, running)
    example.sign(cast, task, reason="示例")
    return {
        "task": Task.objects.get(pk=task.pk),
        "collaboration": task.collaborations.get(department=cast.sales),
        "work_item": task.work_items.first(),
        "subtask": subtask,
        "request": asked,
        "communication": talk,
        "action_item": talk.action_items.get(),
        "issue": issue,
        "escalation": issue.escalations.first(),
        "solution": solution,
        "measure": solution.measures.get(),
        "reading": week.readings.first(),
        "attachment": file,
        "part": task,
    }


def calls(cast):
    """What each service is called with, beside the row, the person and the moment."""
    why = {"reason": "补充"}
    fields, wanted = requirement()
    form = {"version": 1, "fields": fields, "rows": wanted, "departments": [cast.sales]}
    log = {
        "conclusions": "新结论",
        "participants": [{"department_name": "销售部", "name": "主管G"}],
    }
    item = {"what": "别的", "owner": cast.sales_staff, "due_date": DAY}
    answers = {"needs_other_departments": True, "affects_finish": True}
    placed = {"department": cast.market, "owner": cast.market_staff}
    next_step = {"next_step": "再协调", "next_date": DAY}
    issue = {"description": "又一个问题", "cause": "未知", "occurred_at": LATER, "next_date": DAY}
    asked = {"department": cast.market, "what": "别的支持", "needed_by": DAY}
    days = {"start_date": DAY, "due_date": DAY}
    percent = {"actual": 90, "cause": "other", "reason": "别的"}
    given = {"former": cast.sales_staff, "to": cast.sales_head} | why
    return {
        "tasks.services.handing_over.hand_over_task": given,
        "tasks.services.handing_over.hand_over_seat": given,
        "tasks.services.handing_over.hand_over_subtask": given,
        "tasks.services.handing_over.hand_over_support": given,
        "communications.services.handing_over.hand_over_log": given,
        "communications.services.handing_over.hand_over_action_item": given,
        "issues.services.handing_over.hand_over_issue": given,
        "issues.services.handing_over.hand_over_solution": given,
        "issues.services.handing_over.hand_over_measure": given,
        "issues.services.handing_over.hand_over_escalation": given,
        "tasks.services.assignment.take_on_work_item": {"name": "又一个", "goal": "1 个"}
        | placed
        | days,
        "tasks.services.assignment.edit_subtask": {"version": 1, "name": "改名"} | why,
        "tasks.services.assignment.cancel_subtask": why,
        "tasks.services.assignment.finish_subtask": {},
        "tasks.services.assignment.reopen_subtask": why,
        "tasks.services.assignment.confirm_assignment": {},
        "tasks.services.closing.finish_task": {},
        "tasks.services.closing.resume_task": why,
        "tasks.services.confidentiality.make_confidential": why,
        "tasks.services.confidentiality.make_open": why,
        "tasks.services.drafting.save_draft": form,
        "tasks.services.drafting.revise_task": form | why,
        "tasks.services.initiation.submit_task": {},
        "tasks.services.initiation.answer_consultation": {"answer": "accepted", "comment": ""},
        "tasks.services.initiation.ask_again": {},
        "tasks.services.initiation.name_contact": {"contact": cast.sales_staff},
        "tasks.services.initiation.open_assignment": {},
        "tasks.services.initiation.cancel_task": why,
        "tasks.services.initiation.discard_draft": {},
        "tasks.services.planning.set_plan": {"weeks": {}} | why,
        "tasks.services.support.ask_support": asked,
        "tasks.services.support.answer_support": {"answer": "accepted"},
        "tasks.services.support.deliver_support": {},
        "tasks.services.support.withdraw_support": {},
        "attachments.services.attach_file": {"file": put("又一份.txt", "清单".encode())},
        "attachments.services.withdraw_file": {},
        "weekly.services.progress.report_progress": percent,
        "weekly.services.issuing.send_weekly_sync": {
            "week": dt.date(2024, 10, 7),
            "summary": "补发",
        },
        "weekly.services.issuing.confirm_reading": {},
        "communications.services.action_items.finish_action_item": {"result": "已提交"},
        "communications.services.action_items.reopen_action_item": why,
        "communications.services.action_items.edit_action_item": {"version": 1} | item | why,
        "communications.services.action_items.cancel_action_item": why,
        "communications.services.logs.complete_log": log,
        "communications.services.logs.correct_log": log | {"version": 2} | why,
        "communications.services.scheduling.schedule_communication": {
            "topic": "又一次",
            "starts_at": at("2024-11-20 09:00"),
            "ends_at": at("2024-11-20 10:00"),
        },
        "communications.services.scheduling.we_talked": {"topic": "电话"},
        "communications.services.scheduling.edit_communication": {"version": 2, "topic": "改"}
        | why,
        "communications.services.scheduling.cancel_communication": why,
        "issues.services.recording.record_issue": issue | placed | answers,
        "issues.services.recording.edit_issue": {"version": 1, "description": "改"} | why,
        "issues.services.recording.add_attempt": {"description": "又试过"},
        "issues.services.recording.grade_issue": {"version": 1} | answers | why,
        "issues.services.escalation.acknowledge_escalation": {"note": "补看"},
        "issues.services.reporting.report_issue": {},
        "issues.services.solving.record_solution": {"measures": [item], "due_date": DAY} | placed,
        "issues.services.solving.answer_solution": {"result": "solved"},
        "issues.services.solving.close_issue": {},
        "issues.services.solving.return_issue": next_step | why,
        "reviews.services.write_review": {"version": 0, "summary": "补写"},
    }


def test_every_service_of_the_stage_apps_stands_in_this_test(cast):
    assert services().keys() - NOT_REFUSED == calls(cast).keys()


def test_an_archived_task_refuses_every_service_and_stays_as_it_was(rows, cast):
    before = everything(rows["task"])
    for name, values in calls(cast).items():
        service = services()[name]
        with pytest.raises(StageChanged):
            service(by=cast.market_head, now=LATER, **_row(service, rows), **values)
        assert everything(rows["task"]) == before, name


def _row(service, rows):
    """The row that a service is about."""
    return {name: rows[name] for name in inspect.signature(service).parameters if name in rows}


def everything(task):
    """All that the task consists of, as values that can be compared."""
    models = (Event, Notice, Deadline, SignOff, Archive)
    stored = [list(model.objects.order_by("pk").values()) for model in models]
    return canonical(build(Task.objects.get(pk=task.pk))), stored
