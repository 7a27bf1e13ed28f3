"""The whole worked example by hand: each person signs in and does only what is theirs."""

import datetime as dt
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from coordination.demo import PASSWORD, load_company
from tasks.choices import Stage
from tasks.models import Task
from weekly.models import WeeklySync

ZONE = ZoneInfo("Asia/Shanghai")
SHOTS = os.environ.get("SCREENSHOTS")


class Desk:
    """One person's browser. `shot` keeps a picture at both widths where SCREENSHOTS is set."""

    def __init__(self, context, base, username):
        self.page = context.new_page()
        self.base = base
        self.errors = []
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.open("/")
        self.fill(username=username, password=PASSWORD)
        self.press()
        expect(self.page.locator(".app-bar")).to_be_visible()

    def open(self, path):
        self.page.goto(path if path.startswith("http") else self.base + path)

    def fill(self, **fields):
        """Types into fields by name: text, dates, choices, ticks."""
        for name, value in fields.items():
            self.put(name, value)

    def put(self, name, value):
        field = self.page.locator(f'main [name="{name}"]').first
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)  # by value, or by the words that stand there
        elif kind == "radio":
            self.page.locator(f'main [name="{name}"][value="{value}"]').check()
        elif kind == "checkbox":
            for label in [value] if isinstance(value, str) else value:
                self.page.get_by_label(label, exact=True).check()
        else:
            field.fill(str(value))

    def rows(self, prefix, rows):
        """Fills the rows of a formset, adding the ones that are not there."""
        editor = self.page.locator(f'[data-rows="{prefix}"]')
        for index, row in enumerate(rows):
            if not editor.locator(f'[name="{prefix}-{index}-ORDER"]').count():
                editor.locator("[data-rows-add]").click()
            for name, value in row.items():
                self.put(f"{prefix}-{index}-{name}", value)

    def press(self, selector="main form button.btn-primary", *, refused=False):
        """Presses a button and waits for the page that follows; `refused` expects messages."""
        with self.page.expect_navigation() as following:
            self.page.locator(selector).first.click()
        complaints = self.page.locator(".invalid-feedback, .alert-danger").all_inner_texts()
        assert (following.value.status == 422) == refused, complaints
        if refused:
            self.errors.pop()  # Chromium notes the 422 that was asked for.
        assert self.page.locator(".error-page").count() == 0, self.page.content()

    def follow(self, part):
        """Follows the first link to an address that ends with `part`."""
        self.press(f'main a[href$="{part}"], main a[href*="{part}?"]')

    def send(self, part):
        """Presses the button of the form that posts to an address ending with `part`."""
        self.press(f'main form[action$="{part}"] button')

    def shot(self, name):
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        for width in (1366, 360):
            self.page.set_viewport_size({"width": width, "height": 800})
            assert self.page.evaluate(overflow) <= 0, f"{name} is wider than {width} px"
            if SHOTS:
                Path(SHOTS).mkdir(parents=True, exist_ok=True)
                self.page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
        self.page.set_viewport_size({"width": 1366, "height": 800})


@pytest.fixture
def company(transactional_db):
    return load_company()


@pytest.fixture
def desk(new_context, live_server, company):
    desks = {}

    def sit(username):
        if username not in desks:
            desks[username] = Desk(new_context(), live_server.url, username)
        return desks[username]

    yield sit
    for username, one in desks.items():
        assert one.errors == [], f"console of {username}"


def test_the_worked_example_from_initiation_to_archive(desk):
    now = dt.datetime.now(ZONE)
    today = now.date()

    def day(n):
        return (today + dt.timedelta(days=n)).isoformat()

    def moment(hours):
        return (now + dt.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")

    manager, sales = desk("market.d"), desk("sales.g")
    engineer, specialist = desk("research.f"), desk("market.h")

    # Stage 1: 市场部经理D drafts; the vague wish is marked, the draft saves itself.
    manager.shot("01-home-empty")
    manager.open("/tasks/new/")
    manager.fill(title="Q4新品上市推广项目")
    manager.press()
    manager.fill(background="Q4新品计划于10月上市，需要四个部门共同完成。", goal="尽快提升效果")
    expect(manager.page.locator("#vague-goal mark")).to_have_count(2)
    manager.shot("02-vague-wording")
    manager.fill(
        goal="首月销售额500万元，新增用户2万人",
        expected_result="覆盖20家核心门店，活动期间销量提升30%",
        start_date=day(0),
        end_date=day(30),
    )
    manager.put("departments", ["销售部", "研发部", "客服部"])
    manager.rows(
        "targets",
        [
            {"metric": "首月销售额", "number": 500, "unit": "万元"},
            {"metric": "新增用户", "number": 2, "unit": "万人"},
        ],
    )
    items = ["市场调研", "产品培训", "渠道铺设", "宣传物料制作"]
    manager.rows("work_items", [{"name": name} for name in items])
    manager.rows("resources", [{"description": "推广预算80万元"}])
    manager.rows("risks", [{"description": "供应商产能不足", "response": "备选一家供应商"}])
    saved = manager.page.locator('[data-autosave-state][data-state="saved"]')
    expect(saved).to_be_visible(timeout=10_000)
    manager.shot("03-draft")
    manager.press('main button[name="submit"]')
    manager.shot("04-before-submission")
    manager.press()
    task = Task.objects.get()
    assert task.number == f"{today.year}-市场-001"
    assert task.targets.count() == 2
    assert [i.name for i in task.work_items.all()] == items
    home = f"/tasks/{task.pk}/"
    manager.shot("05-consultation")

    # The collaborating departments answer.
    sales.open("/")
    sales.shot("06-home-of-a-head")
    sales.follow("/answer/")
    sales.fill(answer="accepted")
    sales.press()
    head = desk("research.b")
    head.open(home)
    head.follow("/contact/")
    head.fill(contact="工程师F")
    head.press()
    engineer.open("/")
    engineer.follow("/answer/")
    engineer.fill(answer="commented", comment="请提前一周提供培训名单。")
    engineer.shot("07-answer")
    engineer.press()
    service = desk("service.e")
    service.open("/")
    service.follow("/answer/")
    service.fill(answer="accepted")
    service.press()
    manager.open(home)
    manager.shot("08-all-answered")
    manager.send("/open-assignment/")

    # Stage 2: the kickoff is called, departments take on work items.
    manager.open(f"{home}communications/schedule/")
    manager.fill(topic="项目对接会", starts_at=moment(1), ends_at=moment(2))
    manager.put("purpose", "kickoff")
    manager.rows("participants", [{"department_name": "销售部", "name": "主管G"}])
    manager.shot("09-schedule")
    manager.press()
    manager.shot("10-scheduled")

    promises = [
        (manager, "市场调研", "专员H", "完成500份用户问卷"),
        (engineer, "产品培训", "工程师F", "完成4场培训，覆盖60人"),
        (sales, "渠道铺设", "专员A", "覆盖20家核心门店，活动期间销量提升30%"),
        (manager, "宣传物料制作", "专员H", "交付3类物料共2000份"),
    ]
    for who, item, owner, goal in promises:
        who.open(f"{home}assignment/")
        row = who.page.locator("tr").filter(has_text=item).first
        with who.page.expect_navigation():
            row.locator('a[href*="take-on"]').first.click()
        who.fill(goal=goal, start_date=day(0), due_date=day(14))
        option = who.page.locator('select[name="owner"] option').filter(has_text=owner)
        who.page.select_option('select[name="owner"]', value=option.get_attribute("value"))
        if item == "渠道铺设":
            who.shot("11-take-on")
            who.press('main button[name="ask_support"]')
            who.put("department", "市场部")
            who.fill(what="市场部需提供宣传海报设计稿", needed_by=day(7))
            who.shot("12-ask-support")
        who.press()
    manager.open("/")
    manager.follow("/answer/")
    manager.fill(answer="accepted")
    manager.shot("13-answer-support")
    manager.press()
    manager.open(f"{home}assignment/")
    manager.shot("14-coverage")
    manager.send("/confirm/")
    assert Task.objects.get().stage == Stage.EXECUTION

    # Stage 3: they talked; the initiator completes the log within 24 hours.
    engineer.open(f"{home}communications/we-talked/")
    engineer.fill(topic="产品功能上线时间确认")
    engineer.shot("15-we-talked")
    engineer.press()
    manager.open("/")
    manager.shot("16-home-with-a-log-due")
    manager.follow("/complete/")
    manager.rows(
        "participants",
        [
            {"department_name": "市场部", "name": "经理D"},
            {"department_name": "销售部", "name": "主管G"},
            {"department_name": "研发部", "name": "工程师F"},
        ],
    )
    manager.fill(conclusions="研发部确认11月5日前完成测试，运营部同步准备上线推广文案")
    manager.rows(
        "action_items",
        [{"owner": "运营部 专员C", "what": "提交推广文案初稿", "due_date": day(10)}],
    )
    manager.shot("17-log")
    manager.press()
    manager.shot("18-logged")
    writer = desk("operations.c")
    writer.open("/")
    writer.shot("19-home-with-an-action-item")
    writer.follow("/done/")
    writer.fill(result="初稿已发市场部")
    writer.press()

    # Weekly progress, with a reason for the deviation.
    specialist.open("/")
    specialist.shot("20-home-of-an-owner")
    subtask = task.subtasks.get(name="宣传物料制作")
    specialist.open("/my-week/")
    specialist.put(f"s{subtask.pk}-actual", 0)
    specialist.press(refused=True)
    specialist.put(f"s{subtask.pk}-cause", "quality")
    specialist.put(f"s{subtask.pk}-reason", "设计稿修改次数过多")
    other = task.subtasks.get(name="市场调研")
    specialist.page.locator(f"#line-{other.pk} [data-as-planned]").click()
    specialist.shot("21-my-week")
    specialist.press()
    specialist.shot("21b-my-week-reported")
    specialist.open(subtask.get_absolute_url())
    specialist.shot("22-subtask")

    # The week fills by itself: what lags stands at its top, with whose turn it is.
    manager.open(f"{home}weeks/")
    worst = manager.page.locator(".attention__line").first
    expect(worst).to_contain_text("宣传物料制作")
    expect(worst).to_contain_text("专员H")
    manager.shot("22b-week")

    # Stage 4: an issue in a closed loop.
    specialist.open(f"{home}issues/new/")
    specialist.fill(
        description="销售部反馈宣传物料未按时交付，影响门店活动布置",
        cause="设计稿修改次数过多，供应商产能不足",
        occurred_at=moment(-2),
        needs_other_departments="yes",
        affects_finish="yes",
    )
    specialist.put("owner", "市场部 专员H")
    specialist.rows("attempts", [{"description": "市场部已协调供应商加急，预计延迟2天交付"}])
    specialist.shot("23-issue")
    specialist.press()
    specialist.shot("24-issue-recorded")
    director = desk("director")
    director.open(f"{home}issues/")
    director.shot("25-issues-of-the-director")
    manager.open("/")
    manager.shot("25b-home-with-an-issue")
    manager.follow("/solve/")
    measures = ["市场部协调供应商优先处理，14日晚交付", "增加1名设计人员支持"]
    manager.rows(
        "measures",
        [{"what": what, "owner": "市场部 专员H", "due_date": day(1)} for what in measures],
    )
    manager.put("owner", "市场部 专员H")
    manager.fill(due_date=day(1))
    manager.shot("26-solution")
    manager.press()
    specialist.open(manager.page.url)
    specialist.follow("/answer/")
    specialist.fill(result="solved", result_text="物料已全部交付门店。")
    specialist.shot("27-result")
    specialist.press()
    manager.page.reload()
    manager.send("/close/")
    manager.shot("28-issue-closed")

    # The work is finished by those who promised it.
    owners = {"市场调研": specialist, "宣传物料制作": specialist, "产品培训": engineer}
    owners["渠道铺设"] = desk("sales.a")
    for name, owner in owners.items():
        owner.open("/")
        owner.page.get_by_role("link", name=re.compile(f"{name}$")).first.click()
        owner.send("/finish/")
    manager.open(f"{home}assignment/")
    manager.shot("29-all-finished")

    # Stage 5: review, signature, archive.
    manager.open(f"{home}review/")
    manager.send("/finish/")
    manager.shot("30-what-is-missing")

    # The week in which the work ended is rolled up for every head, from its own facts.
    manager.open(f"{home}weeks/send/")
    expect(manager.page.locator('[name="summary"]')).to_have_value(re.compile("市场调研"))
    manager.fill(summary="")
    manager.press(refused=True)
    manager.fill(summary="四个子任务全部完成。")
    expect(manager.page.locator("[data-mirror]")).to_have_text("四个子任务全部完成。")
    manager.shot("30b-roll-up")
    manager.press()
    manager.shot("30c-week-sent")
    assert WeeklySync.objects.get().late_by is None
    sales.open(manager.page.url)
    sales.send("/confirm/")
    expect(sales.page.locator("#readings")).to_contain_text("1 /")
    manager.open(f"{home}review/")
    manager.follow("/review/edit/")
    for index, number in enumerate((520, 2.3)):
        target = task.targets.all()[index]
        prefix = manager.page.locator('[name$="-reached"]').nth(index).get_attribute("name")
        base = prefix.removesuffix("-reached")
        manager.put(f"{base}-number", number)
        manager.put(f"{base}-reached", "met")
        assert target.metric in manager.page.content()
    manager.rows("keep", [{"text": "每周进度同步机制有效，能及时发现并解决问题"}])
    manager.rows("improve", [{"text": "前期需求确认需增加书面流程，减少口头沟通误差"}])
    manager.shot("31-review")
    manager.press()
    manager.follow("/sign/")
    manager.fill(password="falsch")
    manager.page.locator('[name="confirmed"]').check()
    manager.fill(reason="对接会尚未召开完毕，其余全部完成。")
    manager.press(refused=True)
    manager.fill(password=PASSWORD)
    manager.shot("32-sign")
    manager.press()
    manager.shot("33-archived")
    assert Task.objects.get().stage == Stage.ARCHIVED

    # The record, by the director, on screen and on paper.
    director.open(f"{home}record/")
    director.shot("34-record")
    for kind, start in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        response = director.page.request.get(f"{director.base}{home}record.{kind}")
        assert response.ok
        assert response.body().startswith(start)
    director.open(f"{home}history/")
    director.shot("35-history")
    manager.open("/tasks/")
    manager.shot("36-tasks")

    # Nobody else sees any of it.
    outsider = desk("finance.j")
    outsider.open(home)
    expect(outsider.page.locator(".error-page")).to_be_visible()
    outsider.errors.clear()  # Chromium notes the 404 that was asked for.
