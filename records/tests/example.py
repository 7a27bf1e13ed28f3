"""A filled-in form in which every text is its own, so that a test can look for each of them."""

import datetime as dt
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal

from records import record
from records.record import Person

ZONE = dt.timezone(dt.timedelta(hours=8))


def at(text):
    return dt.datetime.fromisoformat(f"2024-{text}").replace(tzinfo=ZONE)


def day(text):
    return dt.date.fromisoformat(f"2024-{text}")


SPECIALIST = Person("专员H", "市场部")

BASICS = record.BasicInformation(
    number="2024-市场-001",
    title="Q4新品上市推广项目",
    department="市场部",
    initiator=Person("经理D", "市场部"),
    goal="首月销售额500万元，新增用户2万人",
    expected_result="覆盖20家核心门店",
    start_date=day("10-01"),
    end_date=day("10-31"),
    departments=("市场部", "销售部", "研发部", "客服部"),
    background="第四季度新品上市",
    targets=(
        record.Target("首月销售额", Decimal("500"), "万元", day("11-30")),
        record.Target("新增用户", Decimal("2.5"), "万人", None),
    ),
    work_items=("市场调研", "产品培训"),
    resources=(record.Resource("budget", "推广预算80万元"),),
    risks=(record.Risk("供应商产能不足", "备选一家供应商"),),
    consultations=(
        record.Consultation("客服部", "commented", "请提供问答手册", SPECIALIST, at("09-23 10:07")),
    ),
)

SUBTASK = record.Subtask(
    name="渠道铺设",
    work_item="铺设渠道环节",
    scope="华东区域",
    department="销售部",
    owner=Person("专员A", "销售部"),
    helpers=("专员C",),
    goal="活动期间销量提升30%",
    support=(
        record.Support(
            "研发部",
            "市场部需提供宣传海报设计稿",
            day("10-08"),
            "rescheduled",
            day("10-09"),
            "改稿",
        ),
    ),
    start_date=day("10-02"),
    due_date=day("10-15"),
    planned=87,
    actual=64,
    state="open",
    reason="两家门店装修推迟",
)

PROGRESS = record.Progress(
    day("10-07"), "渠道铺设", 55, 43, "海报晚到一天", SPECIALIST, at("10-11 17:03")
)

COMMUNICATION = record.Communication(
    starts_at=at("10-05 14:00"),
    ends_at=at("10-05 15:35"),
    participants=(Person("主管G", "销售部"), Person("工程师F", "研发部")),
    purpose="kickoff",
    method="video",
    topic="产品功能上线时间确认",
    conclusions="研发部确认11月5日前完成测试",
    action_items=(
        record.ActionItem(
            Person("专员K", "运营部"), "提交推广文案初稿", day("11-02"), "done", "已提交两版"
        ),
    ),
    state="logged",
    recorder=Person("经理B", "研发部"),
    recorded_at=at("10-06 18:05"),
    late_seconds=9000,
)


def solution(**changes):
    return replace(
        record.Round(
            measures=(record.Measure("增加1名设计人员支持", SPECIALIST, day("10-14")),),
            due_date=day("10-16"),
            department="设计部",
            owner=Person("专员L", "市场部"),
            meeting="物料协调会",
            decided_at=at("10-13 18:01"),
            result="unsolved",
            result_text="只到一半",
            next_step="换供应商",
            next_date=day("10-17"),
            return_reason="门店未收到",
        ),
        **changes,
    )


ISSUE = record.Issue(
    position=1,
    description="销售部反馈宣传物料未按时交付",
    subtask="宣传物料制作",
    occurred_at=at("10-13 09:02"),
    department="采购部",
    cause="设计稿修改次数过多",
    attempts=("市场部已协调供应商加急",),
    grade="cross",
    owner=SPECIALIST,
    next_date=day("10-18"),
    recorded_by=Person("专员M", "客服部"),
    recorded_at=at("10-13 16:31"),
    reported_at=at("10-14 16:32"),
    reported_late_seconds=27000,
    rounds=(
        solution(),
        solution(result="solved", result_text="全部交付", next_step="", next_date=None),
    ),
    state="closed",
    closed_by=Person("经理N", "市场部"),
    closed_at=at("10-19 09:33"),
)

SUMMARY = record.Summary(
    meeting="项目复盘会",
    text="两项目标均已达成",
    target_results=(
        record.TargetResult(BASICS.targets[0], Decimal("520"), "met", "超出计划"),
        record.TargetResult(BASICS.targets[1], Decimal("2.31"), "partly", "获客渠道少"),
    ),
    keep=("每周进度同步机制有效", "专人跟进供应商"),
    improve=("前期需求确认需增加书面流程",),
    archived_at=at("11-05 10:00"),
    signed_by="市场部 经理D",
    signed_at=at("11-05 09:58"),
    missing=(record.Missing("actions", 2, ("补发宣传物料",)),),
    missing_reason="供应商已停业",
)

ANNEX = record.Annex(
    reminders=(
        record.Reminder(
            moment=at("10-06 10:11"),
            told_at=at("10-06 10:12"),
            step="-4h",
            person=Person("经理Q", "人事部"),
            role="stand_in",
            stands_in_for=Person("主管R", "总经办"),
            duty="communication_log",
            what="上线时间口径",
            owner=Person("专员S", "法务部"),
            due_at=at("10-06 14:15"),
            mail=record.Mail("sent", at("10-06 10:13"), ""),
        ),
    ),
    escalations=(
        record.Escalation(
            issue=7,
            description="物料缺口一百二十份",
            told_at=at("10-13 16:34"),
            person=Person("总监A"),
            role="senior",
            department="集团总部",
            acknowledged_at=at("10-13 17:21"),
            note="已安排采购",
            mail=record.Mail("sent", at("10-13 16:36"), ""),
        ),
    ),
)

RECORD = record.TaskRecord(
    organisation="示例公司",
    zone="Asia/Shanghai",
    stage="archived",
    as_of=None,
    basics=BASICS,
    assignment=record.Assignment(at("09-26 16:00"), (SUBTASK,), (PROGRESS,)),
    communications=(COMMUNICATION,),
    issues=(ISSUE,),
    summary=SUMMARY,
    annex=ANNEX,
)

# Not printed: codes stand for labels, these for what is printed beside them.
NOT_PRINTED = {
    ("TaskRecord", "zone"),
    ("TaskRecord", "stage"),
    ("Assignment", "confirmed_at"),
    ("Subtask", "start_date"),
    ("Communication", "ends_at"),  # printed as minutes
    ("Person", "department"),
    ("Issue", "next_date"),  # stands where no solution has one yet
    ("Issue", "owner"),
    *((kind, "state") for kind in ("Subtask", "Support", "ActionItem", "Communication", "Issue")),
    ("Resource", "kind"),
    ("Missing", "kind"),
    ("Consultation", "answer"),
    ("Communication", "purpose"),
    ("Communication", "method"),
    ("Communication", "late_seconds"),
    ("Issue", "reported_late_seconds"),
    ("Issue", "grade"),
    ("Round", "result"),
    ("Reminder", "step"),  # its moment is printed
    ("Reminder", "role"),
    ("Reminder", "duty"),
    ("Escalation", "role"),
    ("Mail", "state"),
    ("Mail", "withdrawn"),
    ("TargetResult", "reached"),
}


def data(value, kind="", name=""):
    """Every text, number, date and moment of a record that must be found on paper."""
    if is_dataclass(value):
        kind = type(value).__name__
        for field in fields(value):
            if (kind, field.name) not in NOT_PRINTED:
                yield from data(getattr(value, field.name), kind, field.name)
    elif name == "archived_at":
        yield value.date()
    elif isinstance(value, tuple):
        for item in value:
            yield from data(item, kind, name)
    elif value not in (None, ""):
        yield value


def with_text(text):
    """The record with another text in one of its cells."""
    return replace(RECORD, issues=(replace(ISSUE, description=text),))
