"""A year of a company, told through the services: 8 departments, 60 tasks, 52 weeks.

Every task is a story: a generator that says when it goes on and then acts. The stories are told
together in the order of time, with the jobs of the worker between them, so history, mails and
bell read as in real life. The same seed tells the same year.
"""

import argparse
import datetime as dt
import heapq
import random
import sys
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.db.models import F
from django.utils import timezone

from accounts.models import Department, Membership, Organisation, User
from communications.services.action_items import finish_action_item
from communications.services.logs import complete_log
from communications.services.scheduling import schedule_communication
from coordination.demo import PASSWORD
from coordination.demo_tasks import accepted, present, submitted, taken_on
from deadlines.models import Message
from deadlines.policies import week_of
from deadlines.punctuality import count_punctuality
from issues.services.recording import record_issue
from issues.services.solving import answer_solution, close_issue, record_solution
from reviews.services import write_review
from tasks.choices import Cause
from tasks.models import Subtask, Task
from tasks.services import assignment, closing, initiation, support
from tasks.services.planning import current_plan
from weekly.services.issuing import issue_due, send_weekly_sync
from weekly.services.progress import report_progress
from weekly.services.warnings import watch_all
from weekly.services.weeks import open_weeks

ZONE = ZoneInfo("Asia/Shanghai")
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)

DEPARTMENTS = {
    "市场部": "市场",
    "销售部": "销售",
    "研发部": "研发",
    "客服部": "客服",
    "运营部": "运营",
    "财务部": "财务",
    "采购部": "采购",
    "生产部": "生产",
}
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "军",
    "洋",
    "勇",
    "艳",
    "杰",
    "涛",
    "明",
    "超",
    "秀英",
    "欣怡",
)
PROJECTS = {
    "新品上市推广": ("市场调研", "产品培训", "渠道铺设", "宣传物料制作", "首批备货"),
    "客户投诉响应改进": ("投诉分级标准", "工单系统改造", "客户告知口径", "回访机制"),
    "年度预算编制": ("费用口径统一", "部门初稿", "汇总平衡", "评审材料"),
    "供应商切换": ("供应商评估", "样品验证", "合同谈判", "产线试用", "库存消化"),
    "会员体系升级": ("权益方案", "系统开发", "数据迁移", "上线推广"),
    "线下门店改造": ("门店选址", "设计施工", "陈列方案", "人员培训"),
    "双十一大促": ("活动方案", "备货计划", "客服排班", "系统扩容", "物流协调"),
    "质量体系认证": ("差距分析", "文件编写", "内审", "整改"),
}
CAUSES = {
    Cause.WAITING: "上游部门资料未按时提供",
    Cause.REQUIREMENT: "需求中途调整",
    Cause.RESOURCES: "人手被抽调到其他项目",
    Cause.ESTIMATE: "工作量估计不足",
    Cause.QUALITY: "评审未通过，需要返工",
    Cause.OUTSIDE: "供应商和天气原因",
}
ISSUES = [
    ("关键物料未按时到货，影响后续安排", "供应商产能不足"),
    ("接口字段与约定不一致，联调中断", "需求变更未同步"),
    ("两个项目争用同一批人员", "排期冲突"),
]


class Company:
    """Its departments and people; everything random is drawn from one seed."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        Organisation.objects.update_or_create(pk=1, defaults={"name": "华东智造有限公司"})
        board = Department.objects.create(name="总经办", short_name="总办")
        self.director = self.person("director", "总经理 沈国栋", board, heads=True)
        self.people = {}
        for number, (name, short) in enumerate(DEPARTMENTS.items()):
            department = Department.objects.create(name=name, short_name=short, parent=board)
            self.people[department] = [
                self.person(f"d{number}p{n}", self.name(), department, heads=n == 0)
                for n in range(6)
            ]
        for username, title in (("records", "档案管理员"), ("admin", "系统管理员")):
            self.user(username, title, is_staff=username == "admin",
                      is_superuser=username == "admin",
                      is_records_administrator=username == "records")  # fmt: skip

    def name(self):
        return self.random.choice(SURNAMES) + self.random.choice(GIVEN)

    def user(self, username, name, **more):
        user = User(username=username, name=name, email=f"{username}@example.com", **more)
        user.set_password(PASSWORD)
        user.save()
        return user

    def person(self, username, name, department, *, heads):
        user = self.user(username, name)
        Membership.objects.create(user=user, department=department, is_main=True)
        if heads:
            department.head = user
            department.save(update_fields=["head"])
        return user

    def chance(self, share: float) -> bool:
        return self.random.random() < share


class Story:
    """One task from its first day on. `care` is how carefully its people work, from 0 to 1."""

    def __init__(self, company: Company, number: int, begins: dt.date, until: dt.datetime):
        self.company, self.random, self.until = company, company.random, until
        self.care = self.random.choice([0.95, 0.85, 0.7, 0.5])
        self.title, items = self.random.choice(list(PROJECTS.items()))
        self.title = f"{self.title}（{number}期）"
        self.items = items
        self.weeks = self.random.randint(6, 14)
        self.begins = begins
        departments = self.random.sample(list(company.people), k=self.random.randint(3, 5))
        self.department, self.others = departments[0], departments[1:]
        self.lag = {}
        self.now = None

    def moment(self, day: dt.date, hour: float) -> dt.datetime:
        minutes = int(hour * 60) + self.random.randint(0, 25)
        return dt.datetime.combine(day, dt.time(0), ZONE) + dt.timedelta(minutes=minutes)

    def next(self, moment: dt.datetime) -> dt.datetime:
        """The moment, but never before what was told already."""
        self.now = max(moment, self.now or moment)
        return self.now

    def tell(self) -> Iterator[dt.datetime]:
        yield from self.initiate()
        week = week_of(self.begins)
        for _n in range(self.weeks + 6):
            yield from self.work(week)
            if not self.task.subtasks.open().exists():
                yield from self.finish(week)
                return
            week += WEEK

    def initiate(self):
        head = self.department.head
        now = self.next(self.moment(self.begins - 12 * DAY, 9))
        yield now
        end = self.begins + self.weeks * WEEK
        self.task = submitted(
            self.department, head, now, title=self.title,
            background="上季度跨部门配合问题较多，需要统一安排。",
            goal="按期完成全部关键环节，成本下降8%", expected_result="各部门验收通过",
            start_date=self.begins, end_date=end, collaborating=self.others,
            targets=[{"metric": "成本下降", "number": 8, "unit": "%"}],
            work_items=self.items,
        )  # fmt: skip
        now = self.next(self.moment(self.begins - 10 * DAY, 10))
        yield now
        accepted(self.task, now)
        self.task = initiation.open_assignment(task=self.task, by=head, now=now)
        now = self.next(self.moment(self.begins - 6 * DAY, 14))
        yield now
        self.take_on(now, end)
        now = self.next(self.moment(self.begins - 4 * DAY, 16))
        yield now
        self.task = assignment.confirm_assignment(task=self.task, by=head, now=now)

    def take_on(self, now, end):
        seats = [self.department, *self.others]
        for number, item in enumerate(self.items):
            department = seats[number % len(seats)]
            owner = self.random.choice(self.company.people[department])
            start = self.begins + self.random.randint(0, self.weeks // 3) * WEEK
            due = min(start + self.random.randint(3, self.weeks) * WEEK - 3 * DAY, end)
            subtask = taken_on(
                self.task, item, department, owner, now, goal=f"完成{item}并通过验收，合格率98%",
                start=start, due=due,
            )  # fmt: skip
            self.lag[subtask.pk] = self.random.uniform(0.5, 1.05) if self.slack() else 1.0
            if self.company.chance(0.4):
                self.ask(subtask, seats[(number + 1) % len(seats)], now, due)

    def ask(self, subtask, department, now, due):
        if department == subtask.department:
            return
        request = support.ask_support(
            subtask=subtask, department=department, what=f"{subtask.name}所需资料与接口人",
            needed_by=max(due - 2 * WEEK, now.date() + DAY), by=subtask.department.head, now=now,
        )  # fmt: skip
        support.answer_support(request=request, answer="accepted", by=department.head, now=now)

    def slack(self):
        return not self.company.chance(self.care)

    def work(self, week):
        """A week: a talk, what each owner reports, the roll-up of the week before."""
        yield from self.talk(week)
        if self.company.chance(0.06):
            yield from self.trouble(week)
        subtasks = [s for s in self.task.subtasks.open() if s.start_date < week + WEEK]
        yield from self.report(subtasks, week)
        yield from self.promises(week)
        yield from self.roll_up(week)

    def talk(self, week):
        if not self.company.chance(0.6):
            return
        head, other = self.department.head, self.random.choice(self.others).head
        day = week + self.random.randint(0, 3) * DAY
        begins = self.next(self.moment(day, 10))
        yield begins
        talk = schedule_communication(
            task=self.task, by=head, now=begins, topic="周协调会",
            starts_at=begins, ends_at=begins + dt.timedelta(minutes=45),
            participants=present(head, other),
        )  # fmt: skip
        now = self.next(begins + dt.timedelta(hours=30 if self.slack() and self.slack() else 5))
        yield now
        owner = self.random.choice(self.company.people[other.main_department])
        complete_log(
            communication=talk, by=head, now=now, conclusions="确认本周重点，明确接口时间。",
            participants=present(head, other),
            action_items=[{"owner": owner, "what": "补充资料并反馈", "due_date": day + 4 * DAY}],
        )  # fmt: skip
        now = self.next(self.moment(day + (9 if self.slack() else 3) * DAY, 17))
        if self.company.chance(0.9) and now < self.until:
            yield now
            for item in talk.action_items.filter(state="open"):
                finish_action_item(action_item=item, by=owner, now=now)

    def trouble(self, week):
        head, department = self.department.head, self.random.choice(self.others)
        owner = self.random.choice(self.company.people[department])
        what, cause = self.random.choice(ISSUES)
        now = self.next(self.moment(week + DAY, 15))
        yield now
        issue = record_issue(
            task=self.task, by=owner, now=now, description=what, cause=cause,
            occurred_at=now - dt.timedelta(hours=3), department=department, owner=owner,
            needs_other_departments=True, affects_finish=False,
            next_date=now.date() + 4 * DAY, report=not self.slack(),
        )  # fmt: skip
        now = self.next(self.moment(week + 3 * DAY, 11))
        yield now
        due = now.date() + 5 * DAY
        record_solution(
            issue=issue, by=head, now=now, department=department, owner=owner, due_date=due,
            measures=[{"what": "调整排期，优先处理", "owner": owner, "due_date": due}],
        )  # fmt: skip
        now = self.next(self.moment(due, 16))
        yield now
        answer_solution(issue=issue, by=owner, now=now, result="solved", result_text="已恢复")
        yield now + DAY
        close_issue(issue=issue, by=head, now=now + DAY)

    def report(self, subtasks, week):
        """On Friday, or late; each in the order of their moments."""
        friday = week + 4 * DAY
        times = []
        for subtask in subtasks:
            late = self.slack()
            if late and self.company.chance(0.25):
                continue
            day = friday + (self.random.choice([3, 4]) if late else 0) * DAY
            times.append((self.moment(day, self.random.choice([9, 15, 16, 17])), subtask.pk))
        for moment, pk in sorted(times):
            now = self.next(moment)
            yield now
            self.report_one(Subtask.objects.get(pk=pk), week, now)

    def report_one(self, subtask, week, now):
        if subtask.state != "open" or subtask.start_date >= week + WEEK:
            return
        planned = current_plan(subtask).percent_in(week)
        last = subtask.progress.filter(week__lt=week).order_by("week").last()
        before = last.actual if last else 0
        wanted = planned * self.lag[subtask.pk] + self.random.randint(-4, 4)
        if planned == 100:
            wanted = before + self.random.randint(10, 40)
        actual = max(before, min(100, round(wanted)))
        cause, reason = self.random.choice(list(CAUSES.items()))
        if actual > planned:
            cause, reason = Cause.EASIER, "比预计顺利"
        expected = now.date() + 2 * WEEK if actual < planned - 5 else None
        report_progress(
            subtask=subtask, actual=actual, by=subtask.owner, now=now, week=week, cause=cause,
            reason=reason, expected_finish=expected, next_steps=f"推进{subtask.name}，目标完成验收",
        )  # fmt: skip
        if actual == 100:
            assignment.finish_subtask(subtask=subtask, by=subtask.owner, now=now)
        elif subtask.due_date < now.date() and self.company.chance(0.4):
            subtask.refresh_from_db()
            assignment.edit_subtask(
                subtask=subtask, by=subtask.department.head, now=now, version=subtask.version,
                reason=reason, due_date=now.date() + 2 * WEEK,
            )  # fmt: skip

    def promises(self, week):
        day = week + 4 * DAY
        now = self.next(self.moment(day, 18))
        for subtask in self.task.subtasks.all():
            for request in subtask.support_requests.filter(state="accepted"):
                if request.promised_date <= day and self.company.chance(0.7):
                    yield now
                    support.deliver_support(request=request, by=request.department.head, now=now)

    def roll_up(self, week):
        """By noon on Monday, on Tuesday, or never: then it goes out by itself."""
        if self.slack() and self.company.chance(0.3):
            return
        monday = week + WEEK
        day = monday + (DAY if self.slack() and self.slack() else 0 * DAY)
        now = self.next(self.moment(day, 9))
        yield now
        last = self.task.weekly_syncs.get(week=week).reports.last()
        needs = [
            {"subtask": s.pk, "what": "请优先安排人手", "department": self.others[0].pk}
            for s in self.task.subtasks.live()
        ]
        send_weekly_sync(
            task=self.task, week=week, by=self.department.head, now=now,
            summary="各项工作按周计划推进，滞后项已明确负责人与时间。", needs=needs,
            seen=last.number if last else 0,
        )  # fmt: skip

    def finish(self, week):
        head, now = self.department.head, self.moment(week + WEEK + DAY, 10)
        yield now
        self.task = closing.finish_task(task=self.task, by=head, now=now)
        now = self.next(self.moment(week + WEEK + 3 * DAY, 15))
        yield now
        target = self.task.targets.get()
        write_review(
            task=self.task, by=head, now=now, version=0, summary="按期完成，配合顺畅。",
            results=[{"target": target, "reached": "met", "number": 9, "note": ""}],
            lessons=[{"kind": "keep", "text": "每周同步机制有效"},
                     {"kind": "improve", "text": "需求确认应书面化"}],
        )  # fmt: skip


def clockwork(since: dt.date, until: dt.datetime) -> Iterator[dt.datetime]:
    """What the worker does: weeks that begin, noon on Monday, late input, early warnings."""
    day = since
    while True:
        for time_of_day, job in (
            (dt.time(0, 5), open_weeks),
            (dt.time(8, 10), watch_all),
            (dt.time(12, 0), issue_due),
            (dt.time(18, 40), issue_due),
        ):
            now = dt.datetime.combine(day, time_of_day, ZONE)
            if now > until:
                return
            yield now
            job(now)
        day += DAY


def tell_together(stories: list[Iterator[dt.datetime]], until: dt.datetime) -> int:
    """Lets each go on when its moment is the next of all. Returns how many acts there were."""
    waiting = [(next(story), number) for number, story in enumerate(stories)]
    heapq.heapify(waiting)
    acts = 0
    while waiting and waiting[0][0] <= until:
        _now, number = heapq.heappop(waiting)
        following = next(stories[number], None)
        acts += 1
        if following:
            heapq.heappush(waiting, (following, number))
    return acts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    if User.objects.exists():
        sys.exit("script/year: there are people already; it wants an empty installation")
    began, until = time.monotonic(), timezone.now().astimezone(ZONE)
    company = Company(options.seed)
    first = week_of(until.date()) - options.weeks * WEEK
    starts = [
        first + company.random.randint(2, options.weeks - 3) * WEEK for _ in range(options.tasks)
    ]
    stories = [Story(company, n, day, until).tell() for n, day in enumerate(starts, 1)]
    acts = tell_together([*stories, clockwork(first - 2 * WEEK, until)], until)
    Message.objects.update(state=Message.State.CANCELLED, next_attempt_at=None)
    Message.objects.filter(created_at__lt=until - WEEK).update(seen_at=F("created_at"))
    count_punctuality(until)
    print(f"{Task.objects.count()} tasks, {acts} acts in {time.monotonic() - began:.0f} s")
    print(f"Sign in as director, d0p0 (head of 市场部), records or admin; password {PASSWORD}")
