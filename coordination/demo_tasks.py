"""The tasks of the demo, told through the services: who did what, and when."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import Department
from communications.models import Method, Purpose
from communications.services.action_items import finish_action_item
from communications.services.logs import complete_log
from communications.services.scheduling import schedule_communication, we_talked
from issues.services.escalation import acknowledge_escalation
from issues.services.recording import record_issue
from issues.services.solving import answer_solution, close_issue, record_solution
from records.services import archive_task
from reviews.services import write_review
from tasks.choices import Cause
from tasks.policies import weeks_of_work
from tasks.services import assignment, closing, drafting, initiation, planning, support
from weekly.services.issuing import send_weekly_sync
from weekly.services.progress import report_progress

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    """A moment of 2024 as the form writes it: at("10-05 14:00")."""
    return dt.datetime.fromisoformat(f"2024-{text}").replace(tzinfo=ZONE)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2024-{text}")


def submitted(department, by, now, *, title, collaborating, targets, work_items, **fields):
    """A task drafted and submitted by one person."""
    task = drafting.create_draft(department=department, by=by, now=now, title=title)
    rows = {
        "targets": [{"date": None, **target} for target in targets],
        "work_items": [{"name": name} for name in work_items],
        "resources": fields.pop("resources", []),
        "risks": fields.pop("risks", []),
    }
    task = drafting.save_draft(
        task=task,
        by=by,
        now=now,
        version=task.version,
        fields=fields,
        rows=rows,
        departments=collaborating,
    )
    return initiation.submit_task(task=task, by=by, now=now)


def accepted(task, now, *, comments=None):
    """Every collaborating head accepts, or comments where `comments` has words for it."""
    for collaboration in task.collaborations.select_related("department__head"):
        words = (comments or {}).get(collaboration.department.name, "")
        initiation.answer_consultation(
            collaboration=collaboration,
            answer="commented" if words else "accepted",
            comment=words,
            by=collaboration.department.head,
            now=now,
        )


def taken_on(task, item, department, owner, now, *, goal, start, due, name=None):
    work_item = task.work_items.get(name=item)
    return assignment.take_on_work_item(
        work_item=work_item,
        department=department,
        by=department.head,
        now=now,
        name=name or item,
        goal=goal,
        owner=owner,
        start_date=start,
        due_date=due,
    )


def present(*people):
    """Participants as the form has them: department and name."""
    return [{"department_name": p.main_department.name, "name": p.name} for p in people]


def product_launch(departments, people, password):
    """The worked example, 2024-市场-001, from initiation to archive."""
    market, sales, research, service = (
        departments[name] for name in ("市场部", "销售部", "研发部", "客服部")
    )
    manager, specialist = people["market.d"], people["market.h"]
    task = submitted(
        market,
        manager,
        at("09-20 09:30"),
        title="Q4新品上市推广项目",
        background="Q4新品计划于10月上市，需要市场、销售、研发、客服四个部门共同完成上市推广。",
        goal="首月销售额500万元，新增用户2万人",
        expected_result="覆盖20家核心门店，活动期间销量提升30%，新品首月达成销售与用户目标。",
        start_date=day("10-01"),
        end_date=day("10-31"),
        collaborating=[sales, research, service],
        targets=[
            {"metric": "首月销售额", "number": 500, "unit": "万元"},
            {"metric": "新增用户", "number": 2, "unit": "万人"},
        ],
        work_items=["市场调研", "产品培训", "渠道铺设", "宣传物料制作"],
        resources=[
            {"kind": "budget", "description": "推广预算80万元"},
            {"kind": "people", "description": "市场部4人、销售部6人、研发部2人、客服部2人"},
            {"kind": "technical", "description": "研发部提供产品演示环境"},
        ],
        risks=[
            {
                "description": "供应商产能不足，宣传物料延迟",
                "response": "提前两周下单，备选一家供应商",
            },
            {"description": "国庆假期门店人手紧张", "response": "门店对接提前到9月底预约"},
        ],
    )
    accepted(task, at("09-23 10:00"), comments={"客服部": "请在上市前一周提供产品问答手册。"})
    task = initiation.open_assignment(task=task, by=manager, now=at("09-23 15:00"))
    subtasks = _launch_assignment(task, departments, people)
    task = assignment.confirm_assignment(task=task, by=manager, now=at("09-26 16:00"))
    _report(subtasks, "10-04 17:00")
    appointment = _first_talk(task, people)
    _roll_up(task, "10-08 10:00")
    _deliver(subtasks["request"])
    _report(subtasks, "10-11 17:00")
    _finish(subtasks["市场调研"], "10-11 18:30")
    _roll_up(task, "10-12 11:00")
    _launch_issue(task, subtasks["宣传物料制作"], market, manager, specialist)
    _report(subtasks, "10-15 18:00")
    _finish(subtasks["宣传物料制作"], "10-15 18:30")
    furnishing = _second_talk(task, people)
    _report(subtasks, "10-18 17:00")
    _finish(subtasks["产品培训"], "10-18 18:30")
    _act(furnishing, "10-19 18:00")
    _roll_up(task, "10-21 09:40")
    _report(subtasks, "10-25 17:00")
    _finish(subtasks["渠道铺设"], "10-25 18:30")
    _roll_up(task, "10-28 11:15")
    _act(appointment, "11-01 17:30")
    _roll_up(task, "11-01 17:45")
    _launch_end(task, manager, people, password)


def _launch_assignment(task, departments, people):
    market, sales, research = (departments[name] for name in ("市场部", "销售部", "研发部"))
    manager, now = people["market.d"], at("09-25 14:00")
    kickoff = schedule_communication(
        task=task,
        by=manager,
        now=at("09-23 15:10"),
        purpose=Purpose.KICKOFF,
        topic="项目对接会",
        place="三楼会议室",
        starts_at=at("09-25 10:00"),
        ends_at=at("09-25 11:30"),
        participants=present(manager, people["sales.g"], people["research.f"], people["service.e"]),
    )
    complete_log(
        communication=kickoff,
        by=manager,
        now=at("09-25 12:10"),
        conclusions="四个关键环节均已落实责任部门；每周一中午前同步进度。",
        participants=present(manager, people["sales.g"], people["research.f"], people["service.e"]),
        action_items=[],
    )
    made = {
        "市场调研": taken_on(
            task, "市场调研", market, people["market.h"], now,
            goal="完成500份用户问卷和3家竞品分析", start=day("10-01"), due=day("10-11"),
        ),
        "产品培训": taken_on(
            task, "产品培训", research, people["research.f"], now,
            goal="完成4场培训，覆盖60名销售和客服人员", start=day("10-08"), due=day("10-18"),
        ),
        "渠道铺设": taken_on(
            task, "渠道铺设", sales, people["sales.a"], now,
            goal="覆盖20家核心门店，活动期间销量提升30%，10月15日前完成门店对接",
            start=day("10-01"), due=day("10-15"),
        ),
        "宣传物料制作": taken_on(
            task, "宣传物料制作", market, people["market.h"], now,
            goal="交付海报、展架、手册3类物料共2000份", start=day("10-01"), due=day("10-12"),
        ),
    }  # fmt: skip
    for name, steps in PLANS.items():
        weeks = {day(week).isoformat(): percent for week, percent in steps.items()}
        planning.set_plan(subtask=made[name], weeks=weeks, by=made[name].owner, now=now)
    request = support.ask_support(
        subtask=made["渠道铺设"],
        department=market,
        what="市场部需提供宣传海报设计稿",
        needed_by=day("10-08"),
        by=people["sales.a"],
        now=at("09-25 15:00"),
    )
    support.answer_support(request=request, answer="accepted", by=manager, now=at("09-25 17:00"))
    made["request"] = request
    return made


def _first_talk(task, people):
    talk = schedule_communication(
        task=task,
        by=people["market.d"],
        now=at("10-04 18:00"),
        topic="产品功能上线时间确认",
        starts_at=at("10-05 14:00"),
        ends_at=at("10-05 15:00"),
        participants=present(people["market.d"], people["sales.g"], people["research.f"]),
    )
    return complete_log(
        communication=talk,
        by=people["market.d"],
        now=at("10-05 17:20"),
        conclusions="研发部确认11月5日前完成测试，运营部同步准备上线推广文案",
        participants=present(people["market.d"], people["sales.g"], people["research.f"]),
        action_items=[
            {
                "owner": people["operations.c"],
                "what": "提交推广文案初稿",
                "due_date": day("11-02"),
            }
        ],
    )


def _second_talk(task, people):
    talk = we_talked(
        task=task,
        by=people["market.h"],
        now=at("10-18 11:20"),
        ended_at=at("10-18 11:20"),
        topic="门店活动布置与物料补发",
        method=Method.CALL,
    )
    return complete_log(
        communication=talk,
        by=people["market.d"],
        now=at("10-18 16:00"),
        starts_at=at("10-18 10:30"),
        conclusions="20家门店布置完成18家，其余2家10月19日完成；物料缺口120份由市场部当日补发。",
        participants=present(people["market.h"], people["sales.c"]),
        action_items=[
            {"owner": people["market.h"], "what": "补发宣传物料120份", "due_date": day("10-19")},
            {"owner": people["sales.c"], "what": "完成其余2家门店布置", "due_date": day("10-19")},
        ],
    )


def _act(talk, when):
    """What was agreed in a talk is done by those who promised it."""
    for item in talk.action_items.all():
        finish_action_item(action_item=item, by=item.owner, now=at(when))


# How far each subtask was to be at the end of the weeks that begin on these Mondays.
PLANS = {
    "市场调研": {"09-30": 60, "10-07": 100},
    "产品培训": {"10-07": 50, "10-14": 100},
    "渠道铺设": {"09-30": 40, "10-07": 87, "10-14": 100},
    "宣传物料制作": {"09-30": 50, "10-07": 100},
}

# When it was reported: subtask, actual percent, the cause and the sentence where it deviates.
REPORTS = {
    "10-04 17:00": [
        ("市场调研", 60, "", ""),
        ("产品培训", 0, "", ""),
        ("渠道铺设", 40, "", ""),
        ("宣传物料制作", 40, Cause.QUALITY, "设计稿修改次数过多"),
    ],
    "10-11 17:00": [
        ("市场调研", 100, "", ""),
        ("产品培训", 50, "", ""),
        ("渠道铺设", 80, Cause.WAITING, "海报设计稿晚到一天"),
        ("宣传物料制作", 90, Cause.RESOURCES, "供应商产能不足，预计延迟2天"),
    ],
    "10-15 18:00": [("宣传物料制作", 100, "", "")],
    "10-18 17:00": [
        ("产品培训", 100, "", ""),
        ("渠道铺设", 90, Cause.OUTSIDE, "2家门店装修推迟"),
    ],
    "10-25 17:00": [("渠道铺设", 100, "", "")],
}


def _report(subtasks, when):
    for name, actual, cause, reason in REPORTS[when]:
        subtask = subtasks[name]
        report_progress(
            subtask=subtask,
            actual=actual,
            cause=cause,
            reason=reason,
            by=subtask.owner,
            now=at(when),
        )


# The roll-ups: when each was sent, its week, what happened, what must be coordinated with whom.
ROLL_UPS = {
    "10-08 10:00": (
        "09-30",
        "市场调研完成60%，渠道铺设完成40%，均按计划；宣传物料制作落后10%。",
        [("宣传物料制作", "10月9日前一次性确认设计稿，减少反复修改", "销售部")],
    ),
    "10-12 11:00": (
        "10-07",
        "市场调研完成；产品培训按计划完成50%；宣传物料制作和渠道铺设落后。",
        [
            ("宣传物料制作", "协调供应商加急，预计延迟2天", "市场部"),
            ("渠道铺设", "优先交付门店海报", "市场部"),
        ],
    ),
    "10-21 09:40": (
        "10-14",
        "宣传物料全部交付；产品培训完成4场；渠道铺设完成90%。",
        [("渠道铺设", "2家门店装修推迟，补发物料并协调临时展位", "市场部")],
    ),
    "10-28 11:15": ("10-21", "渠道铺设完成，20家核心门店全部上线，四个子任务均已完成。", []),
    "11-01 17:45": ("10-28", "活动收尾，首月销售额和新增用户均达成目标，转入复盘。", []),
}


def _roll_up(task, when):
    week, summary, needs = ROLL_UPS[when]
    departments = {d.name: d for d in Department.objects.all()}
    send_weekly_sync(
        task=task,
        week=day(week),
        by=task.initiator,
        now=at(when),
        summary=summary,
        needs=[
            {
                "subtask": task.subtasks.get(name=name).pk,
                "what": what,
                "department": departments[department].pk,
            }
            for name, what, department in needs
        ],
    )


def _deliver(request):
    support.deliver_support(request=request, by=request.department.head, now=at("10-09 11:00"))


def _finish(subtask, when):
    assignment.finish_subtask(subtask=subtask, by=subtask.owner, now=at(when))


def _launch_issue(task, subtask, market, manager, specialist):
    issue = record_issue(
        task=task,
        by=specialist,
        now=at("10-13 16:30"),
        description="销售部反馈宣传物料未按时交付，影响门店活动布置",
        cause="设计稿修改次数过多，供应商产能不足",
        occurred_at=at("10-13 09:00"),
        department=market,
        owner=specialist,
        subtask=subtask,
        needs_other_departments=True,
        affects_finish=True,
        next_date=day("10-14"),
        attempts=["市场部已协调供应商加急，预计延迟2天交付"],
        report=True,
    )
    for told in issue.escalations.all():
        acknowledge_escalation(escalation=told, by=told.person, now=at("10-13 17:00"))
    record_solution(
        issue=issue,
        by=manager,
        now=at("10-13 18:00"),
        measures=[
            {
                "what": "市场部协调供应商优先处理，10月14日晚交付",
                "owner": specialist,
                "due_date": day("10-14"),
            },
            {"what": "增加1名设计人员支持", "owner": specialist, "due_date": day("10-14")},
        ],
        department=market,
        owner=specialist,
        due_date=day("10-14"),
    )
    answer_solution(
        issue=issue,
        by=specialist,
        now=at("10-14 21:00"),
        result="solved",
        result_text="物料已于10月14日晚全部交付门店。",
    )
    close_issue(issue=issue, by=manager, now=at("10-15 09:30"))


def _launch_end(task, manager, people, password):
    task = closing.finish_task(task=task, by=manager, now=at("11-01 18:00"))
    everybody = present(manager, people["sales.g"], people["research.b"], people["service.e"])
    meeting = schedule_communication(
        task=task,
        by=manager,
        now=at("11-01 18:05"),
        purpose=Purpose.REVIEW,
        topic="项目复盘会",
        starts_at=at("11-04 10:00"),
        ends_at=at("11-04 11:00"),
        participants=everybody,
    )
    meeting = complete_log(
        communication=meeting,
        by=manager,
        now=at("11-04 15:00"),
        conclusions="两项目标均已达成；成功经验和改进方向已达成一致。",
        participants=everybody,
        action_items=[],
    )
    sales_target, user_target = task.targets.all()
    write_review(
        task=task,
        by=manager,
        now=at("11-04 16:30"),
        version=0,
        summary="项目按期完成，两项目标均已达成。",
        meeting=meeting,
        results=[
            {"target": sales_target, "reached": "met", "number": 520, "note": ""},
            {"target": user_target, "reached": "met", "number": Decimal("2.3"), "note": ""},
        ],
        lessons=[
            {"kind": "keep", "text": "每周进度同步机制有效，能及时发现并解决问题"},
            {"kind": "improve", "text": "前期需求确认需增加书面流程，减少口头沟通误差"},
        ],
    )
    archive_task(task=task, by=manager, password=password, now=at("11-05 09:00"))


def complaint(departments, people, now):
    """Work of this week: late things, things due today, an issue on its way."""
    service, market, research = (departments[name] for name in ("客服部", "市场部", "研发部"))
    head, ago = people["service.e"], _days_before(now)
    task = submitted(
        service,
        head,
        ago(20),
        title="客户投诉24小时响应改进",
        background="三季度投诉平均响应时间为52小时，客户流失率上升。",
        goal="投诉首次响应时间由52小时缩短到24小时以内，满意度达到90%",
        expected_result="12月31日前新流程全面上线。",
        start_date=ago(14).date(),
        end_date=ago(-30).date(),
        collaborating=[market, research],
        targets=[
            {"metric": "首次响应时间", "number": 24, "unit": "小时"},
            {"metric": "客户满意度", "number": 90, "unit": "%"},
        ],
        work_items=["投诉分级标准", "工单系统改造", "客户告知口径"],
        risks=[{"description": "系统改造与双十二冲突", "response": "核心功能提前一周封版"}],
    )
    accepted(task, ago(19))
    task = initiation.open_assignment(task=task, by=head, now=ago(18))
    start = ago(14).date()
    owned = [
        taken_on(task, "投诉分级标准", service, head, ago(17), goal="发布三级分级标准",
                 start=start, due=ago(1).date()),
        taken_on(task, "工单系统改造", research, people["research.f"], ago(17),
                 goal="工单自动分派，超时提醒准确率100%", start=start, due=ago(-4).date()),
        taken_on(task, "客户告知口径", market, people["market.h"], ago(17),
                 goal="完成10类场景话术", start=start, due=ago(-1).date()),
    ]  # fmt: skip
    support.ask_support(
        subtask=owned[1],
        department=market,
        what="提供客户分类标签与近一年投诉样本",
        needed_by=ago(-1).date(),
        by=people["research.f"],
        now=ago(2),
    )
    for subtask, steps in zip(owned, [(40, 80), (30, 60), (25, 55)], strict=True):
        _plan(subtask, steps, ago(16))
    task = assignment.confirm_assignment(task=task, by=head, now=ago(15))
    _complaint_weeks(task, owned, ago)
    _complaint_talks(task, head, people, ago)
    _complaint_issue(task, owned[1], research, people, ago)


def _plan(subtask, steps, now):
    """The first weeks as given, 100 % from then on."""
    weeks = weeks_of_work(subtask.start_date, subtask.due_date)
    planned = {week.isoformat(): 100 for week in weeks}
    planned |= {week.isoformat(): step for week, step in zip(weeks[:-1], steps, strict=False)}
    planning.set_plan(subtask=subtask, weeks=planned, by=subtask.owner, now=now)


def _complaint_weeks(task, owned, ago):
    """Everybody has reported two weeks; the second was not rolled up: it is due on Monday noon."""
    for days, reports in (
        (14, [40, 30, 25]),
        (7, [80, 40, 55]),
    ):
        for subtask, actual in zip(owned, reports, strict=True):
            report_progress(
                subtask=subtask, actual=actual, cause=Cause.WAITING, reason="接口文档晚到",
                by=subtask.owner, now=ago(days), week=ago(days).date(),
            )  # fmt: skip
    send_weekly_sync(
        task=task, week=ago(14).date(), by=task.initiator, now=ago(10),
        summary="分级标准初稿、工单字段和告知口径均按计划开始。",
    )  # fmt: skip


def _complaint_talks(task, head, people, ago):
    talk = we_talked(task=task, by=people["research.f"], now=ago(6), topic="工单字段确认")
    complete_log(
        communication=talk,
        by=head,
        now=ago(4),
        conclusions="确认保留12个字段，新增“投诉等级”必填。",
        participants=present(head, people["research.f"]),
        action_items=[
            {"owner": people["research.f"], "what": "更新接口文档", "due_date": ago(3).date()},
            {
                "owner": people["market.h"],
                "what": "整理投诉话术初稿",
                "due_date": ago(-1).date(),
            },
        ],
    )
    we_talked(task=task, by=people["market.h"], now=ago(0.75), topic="话术分工电话沟通")


def _complaint_issue(task, subtask, research, people, ago):
    """Reported upwards: 主管E has acknowledged it, 总监A has not."""
    issue = record_issue(
        task=task,
        by=people["research.f"],
        now=ago(1.5),
        description="测试环境数据库容量不足，工单压测无法进行",
        cause="环境由三个项目共用，未提前申请扩容",
        occurred_at=ago(2),
        department=research,
        owner=people["research.f"],
        subtask=subtask,
        needs_other_departments=True,
        affects_finish=False,
        next_date=ago(-1).date(),
        attempts=["清理两周前的测试数据，释放空间不足10%"],
        report=True,
    )
    acknowledge_escalation(
        escalation=issue.escalations.get(person=people["service.e"]),
        by=people["service.e"],
        now=ago(1.2),
        note="已请运维部今天扩容。",
    )


def yearly_budget(departments, people, now):
    """One task in consultation, one in assignment with a gap."""
    ago = _days_before(now)
    submitted(
        departments["财务部"],
        people["finance.j"],
        ago(2),
        title="2027年度预算编制",
        background="按公司计划，12月20日前完成2027年度预算。",
        goal="12月20日前汇总6个部门预算，偏差率控制在5%以内",
        expected_result="预算经总经办批准。",
        start_date=ago(-1).date(),
        end_date=ago(-28).date(),
        collaborating=[departments["市场部"], departments["销售部"], departments["研发部"]],
        targets=[{"metric": "预算偏差率", "number": 5, "unit": "%"}],
        work_items=["部门预算填报", "汇总与平衡", "评审定稿"],
    )
    head = people["market.d"]
    task = submitted(
        departments["市场部"],
        head,
        ago(5),
        title="春季门店焕新",
        background="春季前完成核心门店形象更新。",
        goal="完成30家门店焕新，单店费用不超过2万元",
        expected_result="3月1日前30家门店验收合格。",
        start_date=ago(-3).date(),
        end_date=ago(-60).date(),
        collaborating=[departments["销售部"], departments["运营部"]],
        targets=[{"metric": "焕新门店", "number": 30, "unit": "家"}],
        work_items=["门店清单与排期", "物料设计", "施工与验收"],
    )
    accepted(task, ago(4))
    task = initiation.open_assignment(task=task, by=head, now=ago(3))
    taken_on(
        task, "物料设计", departments["市场部"], people["market.h"], ago(2),
        goal="完成3套设计方案", start=ago(-3).date(), due=ago(-20).date(),
    )  # fmt: skip


def _days_before(now):
    """`ago(2)` is this moment two days ago in the organisation's zone; `ago(-3)` lies ahead."""
    local = now.astimezone(ZONE)
    return lambda days: local - dt.timedelta(days=days)
