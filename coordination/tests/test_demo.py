"""The demo is the worked example: every datum of it stands in the record, on both papers."""

import io
import re
import shutil
import subprocess

import openpyxl
import pytest

from accounts.models import User
from audit.models import Event
from audit.verification import Step
from conftest import at
from coordination import demo
from deadlines.models import Deadline, Punctuality
from deadlines.recount import differences
from deadlines.terms import Terms
from records import pdf, workbook
from records.build import build
from records.checking import walk_archives
from tasks.choices import Stage
from tasks.models import Task
from weekly.weeks import weeks_to_send

WORKED_EXAMPLE = [
    "2024-市场-001",
    "Q4新品上市推广项目",
    "市场部",
    "经理D",
    "首月销售额500万元，新增用户2万人",
    "2024-10-01",
    "2024-10-31",
    "销售部",
    "研发部",
    "客服部",
    "市场调研",
    "产品培训",
    "渠道铺设",
    "宣传物料制作",
    "覆盖20家核心门店，活动期间销量提升30%",
    "专员A",
    "2024-10-15",
    "市场部需提供宣传海报设计稿",
    "2024-10-05 14:00",
    "主管G",
    "工程师F",
    "2024-10-18 10:30",
    "专员H",
    "专员C",
    "产品功能上线时间确认",
    "研发部确认11月5日前完成测试，运营部同步准备上线推广文案",
    "提交推广文案初稿",
    "2024-11-02",
    "销售部反馈宣传物料未按时交付，影响门店活动布置",
    "2024-10-13",
    "设计稿修改次数过多，供应商产能不足",
    "市场部已协调供应商加急，预计延迟2天交付",
    "市场部协调供应商优先处理，10月14日晚交付",
    "增加1名设计人员支持",
    "2024-10-14",
    "每周进度同步机制有效，能及时发现并解决问题",
    "前期需求确认需增加书面流程，减少口头沟通误差",
    "2024-11-05",
]


@pytest.fixture
def launch(db):
    assert demo.load(at("2026-11-22 15:00"))
    return Task.objects.get(number="2024-市场-001")


def squeezed(text):
    """Text without white space: a line break on paper is no difference."""
    return re.sub(r"\s+", "", text)


def pdf_text(paper):
    command = ["pdftotext", "-layout", "-raw", "-", "-"]
    return subprocess.run(command, input=paper, capture_output=True, check=True).stdout.decode()


def workbook_text(sheets):
    book = openpyxl.load_workbook(io.BytesIO(sheets))
    cells = [c.value for sheet in book for row in sheet.iter_rows() for c in row]
    return "\n".join(_cell(value) for value in cells if value is not None)


def _cell(value):
    if hasattr(value, "hour"):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def test_the_demo_is_loaded_once(launch):
    assert not demo.load(at("2026-11-22 15:00"))
    assert Task.objects.count() == 4


def test_the_worked_example_is_archived_and_its_chain_holds(launch):
    assert launch.stage == Stage.ARCHIVED
    assert list(walk_archives()) == [Step(1)]


def test_every_week_of_the_worked_example_was_rolled_up_in_time(launch):
    assert launch.weekly_syncs.count() == 5
    assert not launch.weekly_syncs.exclude(late_by=None).exists()
    assert weeks_to_send(launch, Terms.current(at("2026-11-22 15:00"))) == []


def test_the_work_of_this_week_is_owed_when_the_demo_opens(launch):
    owed = Deadline.objects.open().filter(kind__in=["weekly_sync", "progress_update"])
    assert {row.period for row in owed} == {"2026-11-09", "2026-11-16"}
    assert differences(at("2026-11-22 15:00")) == []


def test_on_time_rates_stand_there_when_the_demo_opens(launch):
    assert Punctuality.objects.filter(week__year=2026).exists()


def test_every_datum_of_the_worked_example_stands_in_the_workbook(launch):
    text = squeezed(workbook_text(workbook.render(build(launch), "zh-hans")))
    assert [datum for datum in WORKED_EXAMPLE if squeezed(datum) not in text] == []


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext (poppler-utils)")
def test_every_datum_of_the_worked_example_stands_in_the_pdf(launch):
    text = squeezed(pdf_text(pdf.render(build(launch), "zh-hans")))
    assert [datum for datum in WORKED_EXAMPLE if squeezed(datum) not in text] == []


def test_the_printed_accounts_can_sign_in(launch, client):
    for username, password, _who in demo.ACCOUNTS:
        assert User.objects.get(username=username).check_password(password)


def test_the_history_of_the_worked_example_is_told_in_order(launch):
    moments = list(Event.objects.of_task(launch.pk).values_list("at", flat=True))
    assert moments == sorted(moments, reverse=True)
