"""Nobody outside a task learns of it: by no address, list, search, form, mail or difference (R29).

The tasks are those of 市场部 with 销售部 and 研发部; outside stand 财务部, 客服部 and whoever
administers the system.
"""

import io
import re
import zipfile

import pytest
from django.db import transaction

from coordination.tests.test_roles import ROWS
from coordination.tests.world import TITLE, people_of
from deadlines.models import Deadline, Message, Notice
from tasks.models import Task

OUTSIDE = ["nobody", "service_head", "finance_head", "outsider", "admin"]
PLACES = [(name, thing) for name, thing, _get, _post in ROWS]
OF_EVERYBODY = ["-", "market", "service", "contact", "stranger", "failed_mail"]
OF_EVERYBODY += [
    "session",
    "colleague",
    "absence",
    "unsubscribe",
    "official_year",
    "holiday",
    "ladder",
]
# What somebody searches for must not count as found because the page repeats it.
WANTED = "新品"
# 2024-市场-001: an administrator hands things over by it, and by nothing else of the task.
NUMBER = "-市场-"
SECRETS = [
    TITLE.removeprefix(WANTED),
    NUMBER,
    *("首月销售额", "市场调研", "渠道铺设", "培训材料", "渠道清单", "供应商", "人手紧"),
    *("渠道例会", "门店电话", "上线时间", "推广文案", "宣传物料", "设计稿", "复盘会", "线下门店"),
]
LISTS = [
    f"/tasks/?q={WANTED}",
    "/tasks/?q=2024&stage=execution",
    "/tasks/?department={market}&before=999999",
    "/tasks/?mine=owner",
    "/people/?q=经理D",
    f"/history/?words={WANTED}",
    f"/history/?task={WANTED}",
    "/history/?person=经理D",
    "/history/?action=task.submit&subject_type=tasks.task",
    "/people/?department={market}",
    "/mail/?state=failed",
    "/mail/?state=waiting",
    "/notifications/?before=999999",
    "/notifications/?show=new",
    "/notifications/?show=changes",
    "/calendar/?month=2024-10&scope=departments",
    "/calendar/?month=2024-10&scope=departments&department={market}&view=list",
    "/calendar/?overdue=1&scope=led",
    "/calendar/?task={running}&overdue=1",
]


def secrets_in(response):
    body = words_of(response) + str(response.headers)
    told = {NUMBER} if response.request["PATH_INFO"].endswith("/hand-over/") else set()
    return [secret for secret in SECRETS if secret in body and secret not in told]


def words_of(response) -> str:
    """The text of an answer; of a workbook what stands in its cells."""
    body = response.getvalue()
    if not zipfile.is_zipfile(io.BytesIO(body)):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as workbook:
        parts = [workbook.read(name).decode() for name in workbook.namelist() if "xml" in name]
    return "".join(parts)


def test_what_is_secret_can_be_seen_by_those_inside(world):
    """Otherwise the tests below would find nothing because there is nothing to find."""
    browser = world.browser("market_head")
    pages = [browser.get(world.address(name, thing)) for name, thing in PLACES]
    found = {secret for page in pages for secret in secrets_in(page)}
    assert found == set(SECRETS)


@pytest.mark.once
@pytest.mark.parametrize("person", OUTSIDE)
def test_no_address_tells_an_outsider_anything(world, person):
    for name, thing in PLACES:
        url = world.address(name, thing)
        assert not secrets_in(world.browser(person).get(url)), url
        with transaction.atomic():
            assert not secrets_in(world.browser(person).post(url, follow=True)), url
            transaction.set_rollback(True)


@pytest.mark.parametrize("person", OUTSIDE)
def test_no_list_no_search_and_no_mail_tells_an_outsider_anything(world, person):
    messages = Message.objects.values_list("pk", flat=True)
    mails = [f"/{place}/{pk}/" for pk in messages for place in ("mail", "notifications")]
    running = world.things["running"].pk
    for url in [*LISTS, *mails]:
        url = url.format(market=world.cast.market.pk, running=running)
        response = world.browser(person).get(url)
        assert not secrets_in(response), url


def test_deactivating_somebody_tells_the_administrator_nothing_of_their_tasks(world):
    browser = world.browser("admin")
    for person in people_of(world.cast).values():
        with transaction.atomic():
            page = browser.post(f"/people/{person.pk}/deactivate/", follow=True)
            transaction.set_rollback(True)
        assert not secrets_in(page), person


@pytest.mark.once
@pytest.mark.parametrize("person", ["service_head", "outsider"])
def test_a_guessed_id_answers_like_one_that_does_not_exist(world, person):
    for name, thing in PLACES:
        if thing in OF_EVERYBODY:
            continue
        url = world.address(name, thing)
        nowhere = re.sub(r"\d+", "987654321", url)
        for method in ("get", "post"):
            assert plain(world, person, method, url) == plain(world, person, method, nowhere), url


def plain(world, person, method, url):
    """Status, headers and body without what differs from one answer to the next."""
    response = getattr(world.browser(person), method)(url)
    keys = r'name="(csrfmiddlewaretoken|once)" value="[^"]*"'
    body = re.sub(keys, "", words_of(response)).replace(url, "")
    headers = {k: v for k, v in response.headers.items() if k != "Content-Length"}
    return response.status_code, headers, body


def test_nobody_is_mailed_or_reminded_about_a_task_they_may_not_see(world):
    told = [(n.recipient, n.event.task_id) for n in Notice.objects.select_related("event")]
    told += [(d.owner, d.task_id) for d in Deadline.objects.select_related("owner")]
    of_tasks = [(person, task) for person, task in told if task is not None]
    assert of_tasks
    for person, task in of_tasks:
        assert Task.objects.visible_to(person).filter(pk=task).exists(), (person, task)
