"""Administrators see what waits, was sent and failed; everybody reads their own mails."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from deadlines.delivery import deliver
from deadlines.models import Message
from deadlines.sweep import sweep
from deadlines.tests.conftest import DAY, DUE

State = Message.State
LIST = reverse("deadlines:message_list")


@pytest.fixture
def sent(owe, cast):
    """A mail to 专员C that was sent."""
    owe()
    sweep(DUE)
    deliver(clock=lambda: DUE)
    return Message.objects.get()


@pytest.fixture
def failed(sent):
    Message.objects.filter(pk=sent.pk).update(
        state=State.FAILED, sent_at=None, attempts=5, last_error="550 no such person", subject=""
    )
    sent.refresh_from_db()
    return sent


def address(message, name="message_detail"):
    return reverse(f"deadlines:{name}", args=[message.pk])


def test_who_may_open_what(client, cast, failed):
    """Own mails everybody, the list and another try administrators only; others' are not there."""
    table = [
        # page, administrator, recipient, head, outsider
        (client.get, LIST, 200, 403, 403, 403),
        (client.get, address(failed), 200, 200, 404, 404),
        (client.post, address(failed, "message_retry"), 302, 403, 404, 404),
    ]
    people = [cast.admin, cast.sales_staff, cast.sales_head, cast.outsider]
    for ask, page, *answers in table:
        for person, answer in zip(people, answers, strict=True):
            client.force_login(person)
            assert ask(page).status_code == answer, (page, person)


def test_the_recipient_reads_the_mail_as_it_was_sent(sign_in, cast, sent):
    page = sign_in(cast.sales_staff).get(address(sent)).content.decode()
    assert sent.subject in page
    assert "宣传海报" in page


def test_an_administrator_reads_no_words_of_a_task_they_may_not_see(sign_in, cast, running):
    """R29 holds for administrators; what became of the mail they see."""
    message = Message.objects.filter(recipient=cast.sales_staff).latest("pk")
    deliver(clock=lambda: DUE)
    for page in (LIST, address(message)):
        text = sign_in(cast.admin).get(page).content.decode()
        assert "专员C" in text
        assert running.title not in text
        assert "渠道铺设" not in text
    cast.admin.is_records_administrator = True
    cast.admin.save()
    assert running.title in sign_in(cast.admin).get(address(message)).content.decode()


def test_a_failed_mail_shows_its_reason_and_is_tried_again(sign_in, cast, failed):
    client = sign_in(cast.admin)
    assert "550 no such person" in client.get(LIST + "?state=failed").content.decode()
    client.post(address(failed, "message_retry"))
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (State.QUEUED, 0)
    [entry] = Event.objects.about(failed)
    assert (entry.action, entry.actor_name) == ("message.retried", "管理员")
    assert "专员C" not in client.get(LIST + "?state=failed").content.decode()


def test_only_a_failed_mail_is_tried_again(sign_in, cast, sent):
    sign_in(cast.admin).post(address(sent, "message_retry"))
    sent.refresh_from_db()
    assert sent.state == State.SENT
    assert not Event.objects.about(sent).exists()


def test_a_mail_that_would_not_leave_says_so(sign_in, cast, owe):
    deadline = owe()
    sweep(DUE)
    type(deadline).objects.update(settled_at=DUE, settled_how="done", next_at=None)
    message = Message.objects.get()
    page = sign_in(cast.sales_staff).get(address(message)).content.decode()
    assert "宣传海报" not in page


def test_the_list_costs_the_same_for_3_and_for_30_mails(sign_in, cast, owe):
    """Session, person, organisation, standing of the frame; mails, duties, deadlines, changes."""
    client = sign_in(cast.admin)
    counts = []
    for rows in (3, 27):
        for day in range(rows):
            now = DUE + (len(counts) * 100 + day) * DAY
            owe(cast.admin, due_at=now)
            sweep(now)
            deliver(clock=lambda now=now: now)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert Message.objects.filter(state=State.SENT).count() >= 30
    assert counts[0] == counts[1] <= 12


def test_long_lists_go_on_below(sign_in, cast):
    rows = [
        Message(recipient=cast.admin, created_at=DUE, state=State.SENT, sent_at=DUE)
        for _number in range(60)
    ]
    Message.objects.bulk_create(rows)
    client = sign_in(cast.admin)
    first = client.get(LIST).context
    second = client.get(LIST, {"before": first["before"]}).context
    shown = [mail.pk for page in (first, second) for mail in page["mails"]]
    assert shown == sorted((row.pk for row in rows), reverse=True)
    assert second["before"] is None
