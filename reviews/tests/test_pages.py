"""The pages of stage 5: who sees what, and what happens to what they type."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from communications.services import scheduling
from reviews.models import Review
from reviews.tests import example
from tasks.choices import Stage
from tasks.models import Task

EVERYBODY = [
    "market_head",
    "market_staff",
    "sales_head",
    "sales_staff",
    "research_head",
    "research_contact",
    "director",
    "records",
]
STRANGERS = ["outsider", "finance_head", "admin"]
PAGES = ["review", "review/edit", "resume"]


def address(task, page="review"):
    return f"/tasks/{task.pk}/{page}/"


def sent(task, **changes):
    """The review's form as the browser sends it."""
    sales, users = task.targets.all()
    form = {
        "version": 0,
        "summary": "总体达成。",
        "meeting": "",
        f"target-{sales.pk}-number": "512",
        f"target-{sales.pk}-reached": "met",
        f"target-{sales.pk}-note": "",
        f"target-{users.pk}-number": "",
        f"target-{users.pk}-reached": "",
        f"target-{users.pk}-note": "",
    }
    for kind, text in (("keep", example.KEEP), ("improve", example.IMPROVE)):
        form |= {
            f"{kind}-TOTAL_FORMS": 1,
            f"{kind}-INITIAL_FORMS": 0,
            f"{kind}-0-text": text,
            f"{kind}-0-ORDER": 1,
        }
    return form | changes


@pytest.mark.parametrize("person", EVERYBODY)
def test_everybody_involved_sees_the_review(in_review, cast, sign_in, person):
    response = sign_in(getattr(cast, person)).get(address(in_review))
    assert response.status_code == 200


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("person", STRANGERS)
def test_nobody_else_does(in_review, cast, sign_in, person, page):
    client = sign_in(getattr(cast, person))
    assert client.get(address(in_review, page)).status_code == 404
    assert client.post(address(in_review, page)).status_code in (404, 405)


@pytest.mark.parametrize("page", ["review/edit", "resume"])
@pytest.mark.parametrize("person", EVERYBODY)
def test_the_initiating_side_writes_and_resumes(in_review, cast, sign_in, person, page):
    expected = 200 if person == "market_head" else 403
    client = sign_in(getattr(cast, person))
    assert client.get(address(in_review, page)).status_code == expected


@pytest.mark.parametrize("person", EVERYBODY + STRANGERS)
def test_who_begins_the_review(running, cast, sign_in, person):
    response = sign_in(getattr(cast, person)).post(address(running, "finish"))
    expected = {"market_head": 302} | dict.fromkeys(STRANGERS, 404)
    assert response.status_code == expected.get(person, 403)
    moved = Task.objects.get(pk=running.pk).stage == Stage.REVIEW
    assert moved == (person == "market_head")


def test_the_button_that_begins_the_review_is_only_there_for_the_initiating_side(
    running, cast, sign_in
):
    button = f'action="/tasks/{running.pk}/finish/"'
    assert button in sign_in(cast.market_head).get(address(running)).text
    assert button not in sign_in(cast.sales_head).get(address(running)).text


def test_the_checklist_says_what_is_missing_and_where(in_review, cast, sign_in):
    text = sign_in(cast.market_head).get(address(in_review)).text
    assert "3 subtasks are not finished" in text
    assert f'href="/tasks/subtasks/{in_review.subtasks.first().pk}/"' in text
    assert "Every issue is closed" in text


def test_only_who_writes_the_review_is_led_to_its_form(in_review, cast, sign_in):
    form = f'href="{address(in_review, "review/edit")}"'
    assert form in sign_in(cast.market_head).get(address(in_review)).text
    assert form not in sign_in(cast.sales_head).get(address(in_review)).text


def test_a_written_review_is_shown_target_by_target(in_review, cast, sign_in):
    example.write(cast, in_review)
    text = sign_in(cast.sales_head).get(address(in_review)).text
    for words in ("首月销售额", "512 万元", "1.8 万人", "线下门店转化偏低"):
        assert words in text
    assert example.KEEP in text
    assert example.IMPROVE in text


def test_the_form_writes_the_review(in_review, cast, sign_in):
    response = sign_in(cast.market_head).post(address(in_review, "review/edit"), sent(in_review))
    assert response.status_code == 302
    review = Review.objects.get()
    assert [(x.kind, x.text) for x in review.lessons.all()] == [
        ("improve", example.IMPROVE),
        ("keep", example.KEEP),
    ]
    assert review.target_results.get().reached == "met"


def test_the_form_shows_what_was_written(in_review, cast, sign_in):
    example.write(cast, in_review)
    text = sign_in(cast.market_head).get(address(in_review, "review/edit")).text
    assert example.KEEP in text
    assert 'name="version" value="1"' in text


def test_a_first_review_proposes_the_meeting_that_was_called_for_it(in_review, cast, sign_in):
    meeting = example.hold_review_meeting(cast, in_review)
    text = sign_in(cast.market_head).get(address(in_review, "review/edit")).text
    assert f'<option value="{meeting.pk}" selected>' in text
    assert "Q4新品上市复盘会" in text


def test_a_stale_form_shows_who_changed_what_and_keeps_the_text(in_review, cast, sign_in):
    example.write(cast, in_review)
    client = sign_in(cast.market_head)
    form = sent(in_review, summary="我的总结") | {"keep-0-text": "我的经验"}
    response = client.post(address(in_review, "review/edit"), form)
    assert response.status_code == 409
    assert "我的总结" in response.text
    assert "我的经验" in response.text
    assert example.IMPROVE in response.text
    again = client.post(address(in_review, "review/edit"), form | {"version": 1})
    assert again.status_code == 302
    assert Review.objects.get().summary == "我的总结"


def test_wording_that_blames_is_pointed_out_and_kept(in_review, cast, sign_in):
    client = sign_in(cast.market_head)
    form = sent(in_review) | {"improve-0-text": "专员H不负责任"}
    response = client.post(address(in_review, "review/edit"), form, follow=True)
    assert "“不负责任” judges people" in response.text
    assert Review.objects.get().lessons.filter(text="专员H不负责任").exists()
    assert "<b>不负责任</b>" in client.get(address(in_review, "review/edit")).text


def test_a_number_without_a_judgement_is_asked_for_one(in_review, cast, sign_in):
    users = in_review.targets.last()
    form = sent(in_review) | {f"target-{users.pk}-number": "1.8"}
    response = sign_in(cast.market_head).post(address(in_review, "review/edit"), form)
    assert response.status_code == 422
    assert "Judge it" in response.text
    assert not Review.objects.exists()


HOSTILE = [
    {"version": "1" * 40},
    {"version": "x"},
    {"meeting": "99999999999999999999"},
    {"meeting": "' OR 1=1"},
    {"summary": "长" * 4001},
    {"summary": "a\x00b"},
    {"number": "NaN"},
    {"number": "1" * 40},
    {"number": "1e400"},
    {"reached": "splendid"},
    {"note": "字" * 301},
    {"keep-0-text": "字" * 1001},
    {"keep-TOTAL_FORMS": "100000"},
    {"keep-TOTAL_FORMS": "x"},
]


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_input_is_refused_at_its_field(in_review, cast, sign_in, bad):
    sales = in_review.targets.first()
    fields = ("number", "reached", "note")
    bad = {f"target-{sales.pk}-{k}" if k in fields else k: v for k, v in bad.items()}
    response = sign_in(cast.market_head).post(
        address(in_review, "review/edit"), sent(in_review) | bad
    )
    assert response.status_code == 422
    assert not Review.objects.exists()


def test_markup_in_a_lesson_stays_text(in_review, cast, sign_in):
    example.write(cast, in_review, lessons=[{"kind": "keep", "text": "<script>alert(1)</script>"}])
    text = sign_in(cast.sales_head).get(address(in_review)).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_taking_up_the_work_again_needs_a_reason(in_review, cast, sign_in):
    client = sign_in(cast.market_head)
    assert client.post(address(in_review, "resume"), {"reason": " "}).status_code == 422
    assert client.post(address(in_review, "resume"), {"reason": "补做"}).status_code == 302
    assert Task.objects.get(pk=in_review.pk).stage == Stage.EXECUTION


@pytest.mark.parametrize("stage", ["consulted", "assigning"])
def test_before_the_work_the_page_says_when_the_review_comes(request, cast, sign_in, stage):
    task = request.getfixturevalue(stage)
    client = sign_in(cast.market_head)
    assert "The review follows when the work is done." in client.get(address(task)).text
    assert client.get(address(task, "review/edit")).status_code == 302


def test_an_archived_task_shows_signature_and_reason_and_no_form(in_review, cast, sign_in):
    example.sign(cast, in_review, reason="项目提前结束")
    client = sign_in(cast.market_head)
    text = client.get(address(in_review)).text
    assert "市场部 经理D" in text
    assert "项目提前结束" in text
    assert "3 subtasks are not finished" in text
    assert "review/edit" not in text
    assert client.get(address(in_review, "review/edit")).status_code == 302
    response = client.post(address(in_review, "review/edit"), sent(in_review))
    assert response.status_code == 422
    assert not Review.objects.exists()


@pytest.mark.parametrize("page", ["review", "review/edit", "sign"])
def test_a_page_costs_the_same_for_many_rows(in_review, cast, sign_in, page):
    client = sign_in(User.objects.get(pk=cast.market_head.pk))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(in_review, page)).status_code == 200
        return len(queries)

    example.write(cast, in_review)
    talk(in_review, cast, 3)
    few = cost()
    talk(in_review, cast, 30)
    lessons = [{"kind": "keep", "text": f"经验{index}"} for index in range(30)]
    example.write(cast, in_review, version=1, lessons=lessons)
    # Session, person, organisation; task, departments; standing (3); the stage
    # bar (1); targets, review, lessons, signature; the checklist's own (4); the page's own.
    assert cost() == few <= 20


def test_the_page_stays_within_its_budget_while_the_work_goes_on(running, cast, sign_in):
    example.write(cast, running)
    client = sign_in(cast.sales_head)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address(running)).status_code == 200
    # As in review; the stage bar counts subtasks, logs and issues in one more.
    assert len(queries) <= 20


def talk(task, cast, times):
    for index in range(times):
        scheduling.we_talked(
            task=task, by=cast.sales_head, now=example.REVIEWED, topic=f"第{index}次"
        )
