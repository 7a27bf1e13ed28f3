"""The cast: the people of the worked example, and a task of theirs in every stage."""

import datetime as dt
import gc
from contextlib import contextmanager
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Count, Max
from django.test import TransactionTestCase
from django.test import client as test_client
from django.utils import timezone

from accounts.models import Contact, Department, Membership, Organisation, User
from audit.append_only import guards, releases

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "Kuabumen-2024"


def at(text: str) -> dt.datetime:
    """A moment in Shanghai: at("2024-10-05 14:00")."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def make_person(name, *departments, title="", **extra):
    """A person who signs in as `name`; the first department is the main one."""
    user = User(username=name, name=name, title=title, email=f"{name}@example.com", **extra)
    user.set_password(PASSWORD)
    user.save()
    for index, department in enumerate(departments):
        Membership.objects.create(user=user, department=department, is_main=index == 0)
    return user


def make_department(name, short_name, parent=None):
    return Department.objects.create(name=name, short_name=short_name, parent=parent)


def give_head(department, user):
    department.head = user
    department.save(update_fields=["head"])


def _keep_context_of_page(store, template, context, **_):
    """Django's test client copies the context of every template, a hundred times a page: each
    widget, each fragment. Tests ask for that of the page alone, which comes first.
    """
    if "context" not in store:
        _keep_context(store, template=template, context=context, **_)


_keep_context = test_client.store_rendered_templates
test_client.store_rendered_templates = _keep_context_of_page


@contextmanager
def released(*models):
    """Lifts what guards append-only tables, as somebody with full access to the database could."""
    connection.check_constraints()  # PostgreSQL touches no trigger while a row waits for this
    with connection.cursor() as cursor:
        for statement in _each(releases, models):
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in _each(guards, models):
                cursor.execute(statement)


def _each(statements, models):
    return [text for model in models for text in statements(model, connection.vendor)]


def append_only():
    """The models whose rows are only ever added."""
    from audit.models import Event, Seal
    from records.models import Archive
    from reviews.models import SignOff
    from weekly.models import WeeklyReport

    return [Event, Seal, Archive, SignOff, WeeklyReport]


def _empty_the_tables(test):
    """After a test that commits Django empties all tables, the append-only ones too."""
    with released(*append_only()):
        _flush(test)


_flush = TransactionTestCase._fixture_teardown
TransactionTestCase._fixture_teardown = _empty_the_tables


DATABASE_FIXTURES = {"db", "transactional_db"}


def pytest_collection_modifyitems(items):
    """What touches no database is the same on every one: it runs on SQLite only.

    Long tests come first, or one worker would wait for the other at the end; what empties the
    tables comes last, after everything that needs what the migrations put in.
    """
    items.sort(key=lambda item: (_empties_tables(item), not item.get_closest_marker("long")))
    for item in items:
        if not DATABASE_FIXTURES & {*item.fixturenames} and not item.get_closest_marker(
            "django_db"
        ):
            item.add_marker(pytest.mark.once)


def pytest_collection_finish():
    """Modules and tests stay to the end: looking through them for garbage took a sixth of the time.

    What tests leave behind is still collected, only less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _empties_tables(item):
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(
        marker and marker.kwargs.get("transaction")
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After every test that worked on tasks the nightly recount must find nothing to repair."""
    result = yield
    # What services leave is the same on every database.
    on_rows = DATABASE_FIXTURES & {*item.fixturenames} and connection.vendor == "sqlite"
    if on_rows and not item.get_closest_marker("out_of_step") and not _untouched(item):
        found = out_of_step()
        assert found == [], (
            "what is owed and its rows have parted: a service that does not call keep_duties, or a "
            "test that writes past the services on purpose (then mark it out_of_step)"
        )
    return result


def _untouched(item):
    """Whether nobody has acted since the standing world was built, or a story put back: both were
    recounted then.
    """
    if connection.needs_rollback:
        return False
    world = item.funcargs.get("world")
    before = world.acts if world else getattr(item.funcargs.get("cast"), "acts", None)
    return before is not None and before == acts()


def acts():
    """How much history and how many duties there are: other ones whenever anything was done."""
    from audit.models import Event
    from deadlines.models import Deadline

    settled = Deadline.objects.aggregate(Count("pk"), Max("pk"), Count("settled_at"))
    return Event.objects.aggregate(Count("pk"), Max("pk")), settled


def out_of_step():
    """What the nightly recount would repair at the moment of the last act on a task."""
    from audit.models import Event
    from deadlines.models import Deadline
    from deadlines.recount import differences
    from tasks.models import Task
    from weekly.services.weeks import open_weeks

    if connection.needs_rollback or not Task.objects.exists():
        return []
    # Other acts, as seeding the calendar, are of today: two years of weeks would have to be opened.
    on_tasks = Event.objects.filter(task_id__isnull=False)
    acted = on_tasks.aggregate(latest=Max("at"))["latest"]
    runs = Deadline.objects.aggregate(latest=Max("opened_at"))["latest"]
    now = max((moment for moment in (acted, runs) if moment), default=timezone.now())
    open_weeks(now)  # Weeks that began meanwhile are opened every hour.
    return differences(now)


def make_cast(mark=""):
    """市场, 销售, 研发, 客服 under a director; 财务 beside them takes no part in anything.

    market_head (经理D) initiates; market_staff (专员H); sales_head (主管G), sales_staff (专员C);
    research_head (经理B), research_contact (工程师F, contact of 研发部); service_head;
    director above all four; outsider of 财务部 and its head finance_head; records
    (records administrator) and admin (system administrator).

    `mark` begins every name: a second cast beside the first, with departments of its own.
    """

    def department(name, short_name, parent=None):
        return make_department(mark + name, mark + short_name, parent)

    def person(name, *departments, **extra):
        return make_person(mark + name, *departments, **extra)

    Organisation.objects.get_or_create(pk=1, defaults={"name": "示例公司"})
    board = department("总经办", "总办")
    market = department("市场部", "市场", board)
    sales = department("销售部", "销售", board)
    research = department("研发部", "研发", board)
    service = department("客服部", "客服", board)
    finance = department("财务部", "财务")
    people = SimpleNamespace(
        board=board,
        market=market,
        sales=sales,
        research=research,
        service=service,
        finance=finance,
        director=person("总监A", board),
        market_head=person("经理D", market),
        market_staff=person("专员H", market),
        sales_head=person("主管G", sales),
        sales_staff=person("专员C", sales),
        research_head=person("经理B", research),
        research_contact=person("工程师F", research),
        service_head=person("主管E", service),
        finance_head=person("经理J", finance),
        outsider=person("会计K", finance),
        records=person("档案员", is_records_administrator=True),
        admin=person("管理员", is_staff=True, is_superuser=True),
    )
    give_head(board, people.director)
    give_head(market, people.market_head)
    give_head(sales, people.sales_head)
    give_head(research, people.research_head)
    give_head(service, people.service_head)
    give_head(finance, people.finance_head)
    Contact.objects.create(
        department=research,
        user=people.research_contact,
        named_by=people.research_head,
        named_at=timezone.now(),
    )
    return people


@pytest.fixture
def cast(db):
    """The people of `make_cast`."""
    from coordination.tests.told_once import told_once

    keys = told_once(
        "cast", lambda: {name: (type(o), o.pk) for name, o in vars(make_cast()).items()}
    )
    found = {model: model.objects.in_bulk() for model in (Department, User)}
    return SimpleNamespace(**{name: found[model][pk] for name, (model, pk) in keys.items()})


def requirement(**changes):
    """A complete requirement, as drafting services take it."""
    fields = {
        "title": "Q4新品上市推广项目",
        "background": "第四季度新品上市，需要多部门共同推广。",
        "goal": "首月销售额500万元，新增用户2万人",
        "expected_result": "新品上市首月达成销售与用户目标。",
        "start_date": dt.date(2024, 10, 1),
        "end_date": dt.date(2024, 10, 31),
    } | changes
    rows = {
        "targets": [
            {"metric": "首月销售额", "number": 500, "unit": "万元", "date": None},
            {"metric": "新增用户", "number": 2, "unit": "万人", "date": None},
        ],
        "work_items": [{"name": "市场调研"}, {"name": "产品培训"}, {"name": "渠道铺设"}],
        "resources": [{"kind": "budget", "description": "80万元"}],
        "risks": [{"description": "供应商产能不足", "response": "备选两家供应商"}],
    }
    return fields, rows


STORY = ("draft", "consulted", "assigning", "running")


def in_stage(name):
    """A fixture: the task of the worked example, told up to there."""

    @pytest.fixture(name=name)
    def task(request, cast):
        from coordination.tests.told_once import told_once
        from tasks.models import Task

        steps = STORY[: STORY.index(name) + 1]
        earlier = [step for step in steps[:-1] if step in request.fixturenames]
        if earlier:
            return TELL[name](cast, request.getfixturevalue(steps[-2]))
        pk = told_once(name, lambda: _tell(cast, steps).pk)
        cast.acts = acts()
        return Task.objects.get(pk=pk)

    task.__doc__ = TELL[name].__doc__
    return task


def _tell(cast, steps):
    task = None
    for step in steps:
        task = TELL[step](cast, task)
    assert out_of_step() == []
    return task


def _draft(cast, _task):
    """A complete draft of 市场部 with 销售部 and 研发部."""
    from tasks.services import drafting

    now = at("2024-09-20 09:00")
    fields, rows = requirement()
    title = fields.pop("title")
    task = drafting.create_draft(department=cast.market, by=cast.market_head, now=now, title=title)
    return drafting.save_draft(
        task=task,
        by=cast.market_head,
        now=now,
        version=task.version,
        fields=fields,
        rows=rows,
        departments=[cast.sales, cast.research],
    )


def _consulted(cast, draft):
    """Submitted: 2024-市场-001, waiting for 销售部 and 研发部."""
    from tasks.services import initiation

    return initiation.submit_task(task=draft, by=cast.market_head, now=at("2024-09-21 09:00"))


def _assigning(cast, consulted):
    """Both accepted; departments may take on work items."""
    from tasks.services import initiation

    now = at("2024-09-23 09:00")
    for collaboration in consulted.collaborations.all():
        initiation.answer_consultation(
            collaboration=collaboration,
            answer="accepted",
            comment="",
            by=collaboration.department.head,
            now=now,
        )
    return initiation.open_assignment(task=consulted, by=cast.market_head, now=now)


def _running(cast, assigning):
    """Every work item taken on (市场调研 专员H, 产品培训 工程师F, 渠道铺设 专员C) and confirmed."""
    from tasks.services import assignment

    now = at("2024-09-24 09:00")
    promises = [
        (cast.market, cast.market_head, cast.market_staff),
        (cast.research, cast.research_head, cast.research_contact),
        (cast.sales, cast.sales_head, cast.sales_staff),
    ]
    for item, (department, head, owner) in zip(assigning.work_items.all(), promises, strict=True):
        assignment.take_on_work_item(
            work_item=item,
            department=department,
            by=head,
            now=now,
            name=item.name,
            goal="覆盖20家核心门店，活动期间销量提升30%",
            owner=owner,
            start_date=dt.date(2024, 10, 1),
            due_date=dt.date(2024, 10, 15),
        )
    return assignment.confirm_assignment(task=assigning, by=cast.market_head, now=now)


TELL = {"draft": _draft, "consulted": _consulted, "assigning": _assigning, "running": _running}
draft, consulted, assigning, running = map(in_stage, STORY)


@pytest.fixture
def sign_in(client):
    """`sign_in(person)` gives a browser in which the person is signed in."""

    def _sign_in(person):
        client.force_login(person)
        return client

    return _sign_in
