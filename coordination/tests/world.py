"""A company with something of every kind in every state, for tests that walk all addresses."""

import datetime as dt
from types import SimpleNamespace

from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import importing
from accounts.models import Absence, Contact, User
from accounts.services.absences import plan_absence
from accounts.unsubscribe import token_of
from attachments.tests.files import attached
from communications.services.action_items import finish_action_item
from communications.services.logs import complete_log
from communications.services.scheduling import schedule_communication, we_talked
from conftest import at, give_head, make_cast, make_department, make_person
from coordination.demo_tasks import accepted, day, present, submitted, taken_on
from deadlines.models import CalendarDay, CalendarYear, Message
from issues.services.recording import record_issue
from issues.services.reporting import report_issue
from issues.services.solving import answer_solution, record_solution
from reviews.tests import example
from signin.models import SignedIn
from tasks.services import assignment, drafting, initiation, support
from tasks.services.confidentiality import let_see, make_confidential
from weekly.services.issuing import send_weekly_sync
from weekly.services.progress import report_progress
from weekly.services.weeks import open_weeks

TITLE = "新品上市推广"
"""What the tasks of 市场部 are called, each with its stage: "新品上市推广 · running"."""

WORK = ("市场调研", "产品培训", "渠道铺设")
START, END = day("10-01"), day("10-31")
BEGAN, LATER = at("2024-09-20 09:00"), at("2024-10-18 16:00")


def addresses():
    """The name of every address that the URL configuration knows."""
    return list(_names(get_resolver(), ""))


def _names(resolver, prefix):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{pattern.namespace}:" if pattern.namespace else prefix
            yield from _names(pattern, inside)
        else:
            yield prefix + pattern.name


def address(name, thing=None):
    return reverse(name, args=[thing.pk] if thing else [])


class World:
    """The cast, `things` by what they are ("issue_solving"), and a browser for each person.

    `mark` begins the name of everybody in a second world beside the first.
    """

    def __init__(self, mark=""):
        self.cast = make_cast(mark)
        self.things = self.make_things()
        self._sessions = {name: _session(who) for name, who in people_of(self.cast).items()}

    def make_things(self):
        return make_company(self.cast) | make_tasks(self.cast)

    def address(self, name, thing):
        """The address of a page about a thing; "-" when it is about none."""
        return address(name, self.things.get(thing))

    def browser(self, person, **options):
        """A new browser in which the person ("market_head"; "nobody" for none) is signed in."""
        client = Client(raise_request_exception=False, **options)
        if person != "nobody":
            client.cookies["sessionid"] = self._sessions[person]
        return client


def people_of(cast) -> dict[str, User]:
    """The people of the cast by their part."""
    return {name: who for name, who in vars(cast).items() if isinstance(who, User)}


def _session(person) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies["sessionid"].value


def make_company(cast):
    """Departments, people and what is entered about them."""
    _upload(cast.admin)
    return {
        "market": cast.market,
        "service": cast.service,
        "contact": Contact.objects.get(department=cast.research),
        "stranger": make_person(f"{cast.finance.name}新人", cast.finance),
        "ladder": SimpleNamespace(pk="communication_log"),
        "colleague": cast.market_staff,
        "absence": _absence(cast.market_staff, stand_in=cast.market_head),
        "unsubscribe": SimpleNamespace(pk=token_of(cast.outsider)),
        "session": _signed_in(cast.outsider),
        "passkey": _passkey(make_person(f"{cast.finance.name}旧人", cast.finance)),
        "failed_mail": _failed_mail(cast.market_staff),
        "official_year": CalendarYear.objects.get(year=2026),
        "holiday": CalendarDay.objects.get(date="2026-10-01"),
    }


def make_tasks(cast):
    """Tasks of 市场部 with 销售部 and 研发部 in every stage, their parts; one of 财务部."""
    things = {
        "draft": _draft(cast),
        "reviewing": example.complete(cast, _confirmed(cast, "reviewing")),
        "archived": _archived(cast),
    }
    things |= (
        _confidential(cast) | _in_consultation(cast) | _in_assignment(cast) | make_running(cast)
    )
    return things | _elsewhere(cast)


def _requirement(department, by, title, *collaborating):
    return {
        "department": department,
        "by": by,
        "now": BEGAN,
        "title": title,
        "background": "第四季度新品上市",
        "goal": "首月销售额500万元，新增用户2万人",
        "expected_result": "达成销售与用户目标",
        "start_date": START,
        "end_date": END,
        "collaborating": collaborating,
        "targets": [
            {"metric": "首月销售额", "number": 500, "unit": "万元"},
            {"metric": "新增用户", "number": 2, "unit": "万人"},
        ],
        "work_items": WORK,
        "resources": [{"kind": "budget", "description": "推广预算80万元"}],
        "risks": [{"description": "供应商产能不足", "response": "备选一家"}],
    }


def _draft(cast):
    title = f"{TITLE} · draft"
    draft = drafting.create_draft(
        department=cast.market, by=cast.market_head, now=BEGAN, title=title
    )
    return drafting.save_draft(
        task=draft,
        by=cast.market_head,
        now=BEGAN,
        version=1,
        fields={"goal": "提升销售额"},
        rows={"targets": [{"metric": "销售额", "number": 5, "unit": "万元"}]},
        departments=[cast.sales],
    )


def _submitted(cast, stage):
    title = f"{TITLE} · {stage}"
    return submitted(
        **_requirement(cast.market, cast.market_head, title, cast.sales, cast.research)
    )


def _assigning(cast, stage):
    task = _submitted(cast, stage)
    accepted(task, BEGAN)
    return initiation.open_assignment(task=task, by=cast.market_head, now=BEGAN)


def _confirmed(cast, stage):
    task = _assigning(cast, stage)
    _take_on_everything(cast, task)
    return assignment.confirm_assignment(task=task, by=cast.market_head, now=BEGAN)


def _take_on_everything(cast, task):
    for item, owner in zip(
        WORK, (cast.market_staff, cast.research_contact, cast.sales_staff), strict=True
    ):
        department = owner.main_department
        taken_on(task, item, department, owner, BEGAN, goal="覆盖20家门店", start=START, due=END)


def _archived(cast):
    return example.sign(cast, example.complete(cast, _confirmed(cast, "archived"))).task


def _confidential(cast):
    """Open to its initiator, the heads of its departments, and the director, who was let in."""
    task = make_confidential(task=_submitted(cast, "confidential"), by=cast.market_head, now=BEGAN)
    let_in = let_see(task=task, person=cast.director, by=cast.market_head, now=BEGAN)
    return {"confidential": task, "let_in": let_in}


def _elsewhere(cast):
    """A task of 财务部 with 客服部 under way: 市场部 has no part in it, and none of its words."""
    head = cast.finance_head
    words = {
        "background": "按公司计划",
        "goal": "12月20日前汇总6个部门预算",
        "expected_result": "预算经总经办批准",
        "targets": [{"metric": "预算偏差率", "number": 5, "unit": "%"}],
        "work_items": ["预算填报"],
        "resources": [],
        "risks": [],
    }
    task = submitted(**_requirement(cast.finance, head, "年度预算", cast.service) | words)
    accepted(task, BEGAN)
    task = initiation.open_assignment(task=task, by=head, now=BEGAN)
    subtask = taken_on(
        task, "预算填报", cast.finance, head, BEGAN, goal="汇总6个部门", start=START, due=END
    )
    return {
        "elsewhere": assignment.confirm_assignment(task=task, by=head, now=BEGAN),
        "elsewhere_subtask": subtask,
        "elsewhere_talk": we_talked(task=task, by=head, now=LATER, topic="预算口径"),
        "elsewhere_issue": _issue(task, head, head, "预算表未按时填报", "口径不一"),
    }


def _in_consultation(cast):
    """销售部 comments, 研发部 has not answered."""
    task = _submitted(cast, "consultation")
    commented = task.collaborations.get(department=cast.sales)
    initiation.answer_consultation(
        collaboration=commented, answer="commented", comment="人手紧", by=cast.sales_head, now=BEGAN
    )
    asked = task.collaborations.get(department=cast.research)
    return {"consultation": task, "commented": commented, "asked": asked}


def _in_assignment(cast):
    """Everything is taken on; the initiator may confirm."""
    task = _assigning(cast, "assignment")
    _take_on_everything(cast, task)
    return {"assignment": task, "work_item": task.work_items.get(name=WORK[2])}


def make_running(cast):
    """A task under way with what is in it. 专员H has finished; 专员C asks 研发部 for one thing and
    waits for another.
    """
    task = _confirmed(cast, "running")
    done, _training, subtask = task.subtasks.order_by("pk")
    assignment.finish_subtask(subtask=done, by=done.owner, now=LATER)
    support_asked, support_promised = (
        support.ask_support(
            subtask=subtask,
            department=cast.research,
            what=what,
            needed_by=END,
            by=cast.sales_staff,
            now=LATER,
        )
        for what in ("培训材料", "演示样机")
    )
    support.answer_support(
        request=support_promised, answer="accepted", by=cast.research_head, now=LATER
    )
    things = {
        "running": task,
        "file": attached(task, by=cast.sales_staff, now=LATER, name="渠道清单.csv"),
        "file_place": SimpleNamespace(pk=f"task-{task.pk}"),
        "subtask_place": SimpleNamespace(pk=f"subtask-{subtask.pk}"),
        "subtask": subtask,
        "subtask_done": done,
        "support_asked": support_asked,
        "support_promised": support_promised,
    }
    things["reading"] = _rolled_up(cast, task)
    return things | _talks(cast, task) | _issues(cast, task)


def _rolled_up(cast, task):
    """The first week, sent by 经理D; what went to 主管G, who has not read it yet."""
    open_weeks(LATER)
    subtasks = task.subtasks.live()
    needs = [{"subtask": s.pk, "what": "人手", "department": cast.research.pk} for s in subtasks]
    report = send_weekly_sync(
        task=task, week=START, by=cast.market_head, now=LATER, summary="按计划", needs=needs
    )
    return report.readings.get(reader=cast.sales_head)


def _talks(cast, task):
    """One in the far future, one to be logged, one logged with an open and a done action item."""
    ahead = schedule_communication(
        task=task,
        by=cast.sales_head,
        now=LATER,
        topic="渠道例会",
        starts_at=at("2099-10-05 14:00"),
        ends_at=at("2099-10-05 15:00"),
        participants=present(cast.market_head, cast.sales_staff),
    )
    held = we_talked(task=task, by=cast.sales_staff, now=LATER, topic="门店电话")
    logged = _logged(cast, task)
    item, item_done = logged.action_items.all()
    finish_action_item(action_item=item_done, by=cast.sales_staff, now=LATER)
    return {
        "talk_ahead": ahead,
        "talk_held": held,
        "talk_logged": logged,
        "item": item,
        "item_done": item_done,
    }


def _logged(cast, task):
    return complete_log(
        communication=we_talked(task=task, by=cast.sales_head, now=LATER, topic="上线时间确认"),
        by=cast.market_head,
        now=LATER,
        conclusions="研发部确认11月5日前完成测试",
        participants=present(cast.market_head, cast.sales_staff),
        action_items=[
            {"owner": cast.sales_staff, "what": what, "due_date": END}
            for what in ("提交推广文案初稿", "补发宣传物料")
        ],
    )


def _issues(cast, task):
    """Cross-department issues of 市场部 that 专员C recorded: open, being solved, answered; one
    was reported, and 经理D has not acknowledged it."""
    issue, issue_solving, issue_answered, issue_reported = (
        _issue(task, cast.sales_staff, cast.market_staff, "宣传物料未按时交付", "设计稿修改过多")
        for _state in range(4)
    )
    report_issue(issue=issue_reported, by=cast.sales_staff, now=LATER)
    for each in (issue_solving, issue_answered):
        record_solution(
            issue=each,
            by=cast.market_head,
            now=LATER,
            measures=[{"what": "供应商优先处理", "owner": cast.market_staff, "due_date": END}],
            department=cast.market,
            owner=cast.market_staff,
            due_date=END,
        )
    answer_solution(issue=issue_answered, by=cast.market_staff, now=LATER, result="solved")
    return {
        "issue": issue,
        "issue_solving": issue_solving,
        "issue_answered": issue_answered,
        "issue_reported": issue_reported,
        "escalation": issue_reported.escalations.get(person=cast.market_head),
    }


def _issue(task, by, owner, description, cause):
    return record_issue(
        task=task,
        by=by,
        now=LATER,
        description=description,
        cause=cause,
        occurred_at=LATER - dt.timedelta(hours=2),
        department=owner.main_department,
        owner=owner,
        needs_other_departments=True,
        affects_finish=True,
        next_date=END,
    )


def _failed_mail(recipient):
    return Message.objects.create(
        recipient=recipient, created_at=LATER, state=Message.State.FAILED, last_error="550"
    )


def _signed_in(person):
    """A browser in which the person is signed in, beside the one that the tests use."""
    now = timezone.now()
    return SignedIn.objects.create(
        session_id=_session(person), person=person, signed_in_at=now, seen_at=now
    )


def _passkey(person):
    """What somebody else has set up."""
    data = {"name": "Chrome", "credential": {}}
    return Authenticator.objects.create(user=person, type="webauthn", data=data)


def _absence(person, stand_in, year=2099):
    return plan_absence(
        person=person,
        stand_in=stand_in,
        starts_on=dt.date(year, 10, 1),
        ends_on=dt.date(year, 10, 7),
        by=person,
        now=LATER,
    )


def _upload(admin):
    table = "部门全称,部门简称,上级部门,负责人\n法务部,法务,,\n".encode()
    importing.upload(by=admin, now=LATER, file_name="departments.csv", data=table)


# More of everything -----------------------------------------------------------------------------


def grow(world, number):
    """So many more rows of every kind that pages list: people, tasks, and whatever is in one."""
    cast, things = world.cast, world.things
    departments = [_more_people(cast, n) for n in range(number)]
    for task in (things["draft"], things["running"]):
        _widen(cast, task, number, departments)
    for n in range(number):
        _submitted(cast, f"{n}")
        _more_of(cast, things, n)


def _more_people(cast, n):
    department = make_department(f"部门{n}", f"部{n}", cast.market)
    give_head(department, make_person(f"人员{n}", department, cast.market, cast.sales))
    today = timezone.localdate()
    Absence.objects.create(
        person=department.head, stand_in=cast.service_head, starts_on=today, ends_on=today
    )
    for person in (cast.market_head, cast.market_staff):
        _absence(person, stand_in=department.head, year=2100 + n)
    Contact.objects.create(department=cast.market, user=department.head, named_at=LATER)
    return department


def _widen(cast, task, number, departments):
    """More departments, targets, work items and risks for one task."""
    task = type(task).objects.get(pk=task.pk)
    new = {
        "targets": {"metric": "新增门店", "number": 3, "unit": "家"},
        "work_items": {"name": "门店培训"},
        "resources": {"kind": "people", "description": "市场部4人"},
        "risks": {"description": "人手不足"},
    }
    rows = {
        name: [{"id": row.pk} for row in getattr(task, name).all()] + [values] * number
        for name, values in new.items()
    }
    change = {"task": task, "by": cast.market_head, "now": LATER, "version": task.version}
    change |= {"fields": {}, "rows": rows}
    departments = [c.department for c in task.collaborations.all()] + departments
    if task.is_draft:
        drafting.save_draft(departments=departments, **change)
    else:
        drafting.revise_task(departments=departments, reason="扩大范围", **change)


def _more_of(cast, things, n):
    """One more subtask, week, request, talk, agreed item and issue in the task under way."""
    task, subtask = things["running"], things["subtask"]
    taken_on(
        task, WORK[2], cast.sales, cast.sales_staff, LATER, goal="覆盖5家门店", start=START, due=END
    )
    report_progress(
        subtask=subtask,
        actual=90,
        cause="estimate",
        reason="门店多于预期",
        by=cast.sales_staff,
        now=LATER + dt.timedelta(weeks=n),
        week=START + dt.timedelta(weeks=n),
    )
    support.ask_support(
        subtask=subtask,
        department=cast.research,
        what="培训材料",
        needed_by=END,
        by=cast.sales_staff,
        now=LATER,
    )
    we_talked(task=task, by=cast.sales_staff, now=LATER, topic="门店电话")
    for part in (task, subtask, things["talk_logged"], things["issue"]):
        attached(part, by=cast.sales_staff, now=LATER)
    _logged(cast, task)
    _issue(task, cast.sales_staff, cast.market_staff, "宣传物料未按时交付", "设计稿修改过多")
