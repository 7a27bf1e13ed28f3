"""Charts in a real browser: alive with script, drawn without it and on paper, under our policy."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tasks.models import ProgressUpdate

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.out_of_step]
PHONE = {"width": 360, "height": 800}


@pytest.fixture
def address(live_server, cast, running):
    subtask = running.subtasks.get(name="渠道铺设")
    ProgressUpdate.objects.create(
        subtask=subtask,
        week="2024-09-30",
        planned=40,
        actual=40,
        reported_by=subtask.owner,
        reported_at="2024-10-04T17:00+08:00",
    )
    return live_server.url + reverse("dashboards:plan_chart", args=[running.pk])


@pytest.fixture
def open_page(address, sign_in, cast, browser):
    """`open_page(java_script_enabled=False)`: the plan of the task in a browser of 经理D."""
    session = sign_in(cast.market_head).cookies["sessionid"].value
    contexts = []

    def _open(**options):
        context = browser.new_context(locale="zh-CN", **options)
        contexts.append(context)
        context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(address)
        return page

    yield _open
    for context in contexts:
        context.close()


def test_a_chart_is_alive_on_the_screen_and_a_drawing_on_paper(open_page):
    page = open_page()
    canvas, drawing = page.locator(".chart canvas"), page.locator(".chart__svg")
    expect(canvas).to_be_visible()
    expect(drawing).to_be_hidden()
    page.emulate_media(media="print")
    expect(canvas).to_be_hidden()
    expect(drawing).to_be_visible()
    page.emulate_media(media="screen", color_scheme="dark")
    expect(canvas).to_be_visible()
    assert page.said == []


def test_without_script_there_is_the_drawing_and_its_table(open_page):
    page = open_page(java_script_enabled=False)
    expect(page.locator(".chart__svg")).to_be_visible()
    expect(page.locator(".chart canvas")).to_have_count(0)
    page.locator(".chart__figures > summary").click()
    expect(page.locator(".chart__table")).to_contain_text("40%")


def test_the_bars_of_a_plan_are_reached_by_keyboard(open_page):
    page = open_page()
    bars = page.locator(".gantt__bar")
    bars.first.focus()
    page.keyboard.press("Tab")
    expect(bars.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/subtasks/*/")


def test_a_plan_fits_a_phone(open_page):
    page = open_page(viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
