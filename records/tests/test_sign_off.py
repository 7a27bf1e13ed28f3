"""The signature page: what is missing, the reason, the password, once."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from accounts.models import SignInAttempt
from conftest import PASSWORD
from records.models import Archive
from records.services import newest_event
from reviews.models import SignOff
from reviews.tests import example
from tasks.choices import Stage
from tasks.models import Task


@pytest.fixture
def in_review(cast, running):
    return example.finish(cast, running)


@pytest.fixture
def complete(cast, running):
    return example.complete(cast, running)


def address(task):
    return f"/tasks/{task.pk}/sign/"


def sent(task, **changes):
    """The form as the head sends it."""
    return {
        "version": newest_event(task),
        "password": PASSWORD,
        "confirmed": "on",
    } | changes


def key():
    """What the page adds so that a form acts once; a refused form comes with a new one."""
    return {"once": str(uuid.uuid4())}


def is_archived(task):
    return Task.objects.get(pk=task.pk).stage == Stage.ARCHIVED


def test_the_head_signs_with_the_password(complete, cast, sign_in):
    client = sign_in(cast.market_head)
    response = client.post(address(complete), sent(complete), follow=True)
    assert response.redirect_chain == [(f"/tasks/{complete.pk}/review/", 302)]
    assert "Signed and archived" in response.text
    assert "市场部 经理D" in response.text
    assert is_archived(complete)


def test_the_page_names_everything_that_is_missing(in_review, cast, sign_in):
    text = sign_in(cast.market_head).get(address(in_review)).text
    for words in ("3 subtasks are not finished", "市场调研", "渠道铺设", "No lesson"):
        assert words in text
    assert 'name="reason"' in text


def test_where_nothing_is_missing_no_reason_is_asked(complete, cast, sign_in):
    text = sign_in(cast.market_head).get(address(complete)).text
    assert "Nothing is missing." in text
    assert 'name="reason"' not in text


def test_without_the_reason_the_form_asks_for_it(in_review, cast, sign_in):
    client = sign_in(cast.market_head)
    response = client.post(address(in_review), sent(in_review, reason=" "))
    assert response.status_code == 422
    assert "say why it is archived all the same" in response.text
    assert client.post(address(in_review), sent(in_review, reason="提前结束")).status_code == 302
    assert SignOff.objects.get().reason == "提前结束"


def test_a_wrong_password_is_said_at_its_field_and_the_reason_stays(in_review, cast, sign_in):
    response = sign_in(cast.market_head).post(
        address(in_review), sent(in_review, password="falsch", reason="提前结束")
    )
    assert response.status_code == 422
    assert "This is not your password." in response.text
    assert "提前结束" in response.text
    assert "falsch" not in response.text
    assert not is_archived(in_review)


def test_after_ten_wrong_passwords_a_quarter_of_an_hour_must_pass(complete, cast, sign_in):
    client = sign_in(cast.market_head)
    wrong = sent(complete, password="falsch")
    answers = [client.post(address(complete), wrong | key()).status_code for _try in range(11)]
    assert answers == [422] * 10 + [429]
    assert client.post(address(complete), sent(complete)).status_code == 429
    SignInAttempt.objects.update(at=timezone.now() - dt.timedelta(minutes=15))
    assert client.post(address(complete), sent(complete)).status_code == 302


def test_the_word_that_it_is_meant_must_be_given(complete, cast, sign_in):
    form = sent(complete)
    del form["confirmed"]
    assert sign_in(cast.market_head).post(address(complete), form).status_code == 422
    assert not is_archived(complete)


def test_what_changed_since_the_page_was_opened_is_shown_before_signing(complete, cast, sign_in):
    client = sign_in(cast.market_head)
    opened = sent(complete, reason="无妨")
    example.write(cast, complete, version=1, summary="改过的总结")
    response = client.post(address(complete), opened)
    assert response.status_code == 409
    assert "改过的总结" in response.text
    assert not is_archived(complete)
    assert f'name="version" value="{newest_event(complete)}"' in response.text
    assert client.post(address(complete), sent(complete, reason="无妨")).status_code == 302


def test_signing_twice_leads_to_the_archived_task(complete, cast, sign_in):
    client = sign_in(cast.market_head)
    form = sent(complete)
    form |= key()
    for _click in range(3):
        assert client.post(address(complete), form).status_code == 302
    assert client.get(address(complete)).status_code == 302
    assert Archive.objects.count() == 1


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("market_head", 200),
        ("market_staff", 403),
        ("sales_head", 403),
        ("research_contact", 403),
        ("director", 403),
        ("records", 403),
        ("outsider", 404),
        ("finance_head", 404),
        ("admin", 404),
    ],
)
def test_who_may_open_the_page(complete, cast, sign_in, person, status):
    client = sign_in(getattr(cast, person))
    assert client.get(address(complete)).status_code == status
    if status != 200:
        assert client.post(address(complete), sent(complete)).status_code == status
        assert not is_archived(complete)


@pytest.mark.parametrize(
    "bad",
    [
        {"version": "x"},
        {"version": "1" * 40},
        {"password": ""},
        {"password": "a\x00b"},
        {"password": "p" * 201},
        {"reason": "长" * 1001},
        {"reason": "a\x00b"},
    ],
)
def test_hostile_input_is_refused_at_its_field(in_review, cast, sign_in, bad):
    form = sent(in_review, reason="提前结束") | bad
    assert sign_in(cast.market_head).post(address(in_review), form).status_code == 422
    assert not is_archived(in_review)
