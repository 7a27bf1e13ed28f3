"""Mails leave once, or wait with a reason; nothing is lost whatever the mail server does."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, OperationalError, connection, transaction

from accounts.models import Membership
from audit import history
from deadlines import delivery
from deadlines.delivery import DeliveryResult, deliver
from deadlines.models import Deadline, Message
from deadlines.services import retry_message, tell
from deadlines.sweep import sweep
from deadlines.tests.conftest import DAY, DUE, HOUR
from deadlines.tests.mail_server import running_mail_server
from tasks.models import TaskMember

MINUTE = dt.timedelta(minutes=1)
State = Message.State


@pytest.fixture
def server():
    with running_mail_server() as server:
        yield server


@pytest.fixture
def remind(owe):
    """`remind(person)` gives a message to the person that waits since DUE."""

    def _remind(*owners):
        for owner in owners:
            owe(owner)
        sweep(DUE)
        return Message.objects.order_by("pk").last()

    return _remind


def only():
    return Message.objects.get()


def test_a_mail_leaves_and_what_was_sent_is_kept(remind, cast, clock, server):
    remind(cast.sales_staff)
    assert deliver(clock=clock, connection=server.connection()) == DeliveryResult(sent=1)
    message = only()
    assert (message.state, message.sent_at, message.last_error) == (State.SENT, DUE, "")
    [taken] = server.taken
    assert taken["Subject"].strip() == message.subject
    assert taken["Message-ID"] == message.message_id
    assert "宣传海报" in message.text
    assert taken.get_body(("plain",)).get_content().splitlines() == message.text.splitlines()


def test_a_second_run_sends_nothing_again(remind, cast, clock, server):
    remind(cast.sales_staff)
    for _ in range(3):
        deliver(clock=clock, connection=server.connection())
    assert len(server.taken) == 1


def test_many_mails_share_one_connection(remind, cast, clock, server):
    remind(cast.sales_staff, cast.sales_head, cast.market_head)
    assert deliver(clock=clock, connection=server.connection()).sent == 3
    assert server.connections == 1


@pytest.mark.parametrize("manner", ["refuse", "later", "bye", "drop"])
def test_a_mail_that_was_not_taken_is_sent_a_minute_later(manner, remind, cast, clock, server):
    """And the ones behind it leave all the same."""
    remind(cast.sales_staff, cast.sales_head)
    server.manners = [manner]
    result = deliver(clock=clock, connection=server.connection())
    assert result == DeliveryResult(sent=1, postponed=1)
    waiting = Message.objects.get(state=State.QUEUED)
    assert waiting.next_attempt_at == DUE + MINUTE
    assert waiting.last_error
    clock.now = DUE + MINUTE
    deliver(clock=clock, connection=server.connection())
    assert len({m["Message-ID"] for m in server.taken}) == len(server.taken) == 2


def test_a_server_that_hangs_costs_its_timeout(remind, cast, clock, server):
    remind(cast.sales_staff, cast.sales_head)
    server.manners = ["hang"]
    result = deliver(clock=clock, connection=server.connection(timeout=0.3))
    assert result == DeliveryResult(sent=1, postponed=1)
    assert len(server.taken) == 1


def test_only_a_server_that_swallows_its_answer_gets_a_copy(remind, cast, clock, server):
    """The copy has the same Message-ID."""
    remind(cast.sales_staff)
    server.manners = ["swallow"]
    deliver(clock=clock, connection=server.connection())
    clock.now = DUE + MINUTE
    deliver(clock=clock, connection=server.connection())
    assert len(server.taken) == 2
    assert {m["Message-ID"] for m in server.taken} == {only().message_id}
    assert only().state == State.SENT


def test_after_1_5_30_minutes_and_2_hours_a_refused_mail_has_failed(remind, cast, clock, server):
    remind(cast.sales_staff)
    server.manners = ["refuse"] * 5
    for wait in (1, 5, 30, 120):
        deliver(clock=clock, connection=server.connection())
        assert only().next_attempt_at == clock.now + wait * MINUTE
        clock.now = only().next_attempt_at - dt.timedelta(seconds=1)
        assert deliver(clock=clock, connection=server.connection()) == DeliveryResult()
        clock.now = only().next_attempt_at
    assert deliver(clock=clock, connection=server.connection()) == DeliveryResult(failed=1)
    assert only().state == State.FAILED
    assert "550" in only().last_error


def test_a_failed_mail_is_sent_when_an_administrator_tries_again(remind, cast, clock, server):
    message = remind(cast.sales_staff)
    Message.objects.update(state=State.FAILED, attempts=5, next_attempt_at=None)
    message.refresh_from_db()
    retry_message(message=message, by=cast.admin, now=DUE)
    assert deliver(clock=clock, connection=server.connection()) == DeliveryResult(sent=1)


def test_while_the_mail_server_is_away_no_attempt_is_counted(remind, cast, clock, server):
    """So that mails leave with the next run after its return, however long it was away."""
    remind(cast.sales_staff)
    away = server.connection()
    with running_mail_server() as gone:
        away.port = gone.server_address[1]
    for _ in range(10):
        assert deliver(clock=clock, connection=away) == DeliveryResult()
    assert (only().state, only().attempts, only().next_attempt_at) == (State.QUEUED, 0, DUE)
    assert "refused" in only().last_error, "administrators see why it waits"
    assert deliver(clock=clock, connection=server.connection()).sent == 1
    assert only().last_error == ""


def test_a_process_that_read_a_mail_before_another_tried_it_does_not_try_it_too(remind, cast):
    mine = remind(cast.sales_staff)
    theirs = Message.objects.get(pk=mine.pk)
    assert Message.objects.claim(theirs, now=DUE, lease=delivery.LEASE)
    assert not Message.objects.claim(mine, now=DUE, lease=delivery.LEASE)
    assert not Message.objects.claim(mine, now=DUE + delivery.LEASE, lease=delivery.LEASE)
    assert only().attempts == 1


class Killed(BaseException):
    """The process ends, as by kill -9: nothing is cleaned up."""


class DyingConnection(EmailBackend):
    def send_messages(self, messages):
        raise Killed


def test_a_mail_whose_process_died_is_sent_after_the_lease(remind, cast, clock):
    remind(cast.sales_staff)
    with pytest.raises(Killed):
        deliver(clock=clock, connection=DyingConnection())
    assert only().state == State.SENDING
    clock.now = DUE + delivery.LEASE - dt.timedelta(seconds=1)
    assert deliver(clock=clock) == DeliveryResult()
    clock.now = DUE + delivery.LEASE
    assert deliver(clock=clock) == DeliveryResult(sent=1)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seconds", [10, 1000])
def test_a_database_that_is_away_after_the_answer_is_waited_for_as_long_as_the_lease(
    seconds, remind, cast, clock, server, monkeypatch
):
    """So its restart costs no second copy of a mail. Whoever waits in vain says so."""
    remind(cast.sales_staff)
    back = DUE + dt.timedelta(seconds=seconds)

    def away(execute, sql, *rest):
        if sql.startswith("UPDATE") and "sent_at" in sql and clock.now < back:
            clock.now += dt.timedelta(seconds=5)
            raise OperationalError("the database system is starting up")
        return execute(sql, *rest)

    monkeypatch.setattr(delivery, "PAUSE", 0)
    in_vain = seconds > delivery.LEASE.total_seconds()
    raises = pytest.raises(OperationalError) if in_vain else nullcontext()
    with connection.execute_wrapper(away), raises:
        assert deliver(clock=clock, connection=server.connection()) == DeliveryResult(sent=1)
    assert only().state == (State.SENDING if in_vain else State.SENT)
    assert len(server.taken) == 1


def test_no_mail_is_sent_inside_a_transaction(remind, cast, clock, django_db_blocker):
    remind(cast.sales_staff)
    depth = len(connection.savepoint_ids)

    class Watching(EmailBackend):
        def send_messages(self, messages):
            assert len(connection.savepoint_ids) == depth
            return super().send_messages(messages)

    assert deliver(clock=clock, connection=Watching()).sent == 1


def test_one_mail_that_cannot_be_written_holds_up_no_other(remind, owe, cast, clock, monkeypatch):
    remind(cast.sales_staff, cast.sales_head)
    Deadline.objects.filter(owner=cast.sales_staff).update(kind="gone")
    assert deliver(clock=clock) == DeliveryResult(sent=1, postponed=1)


def test_a_run_ends_in_time(remind, cast, clock):
    """The rest leaves with the next run."""
    remind(cast.sales_staff, cast.sales_head, cast.market_head)

    class Slow(EmailBackend):
        def send_messages(self, messages):
            clock.now += delivery.RUN_FOR / 2
            return super().send_messages(messages)

    assert deliver(clock=clock, connection=Slow()).sent < 3
    clock.now += MINUTE
    deliver(clock=clock)
    assert len(mail.outbox) == 3


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_send_each_mail_once(owe, cast, clock, server):
    owe(cast.sales_staff)
    for moment in range(60):
        owe(cast.sales_staff, due_at=DUE + moment * MINUTE)
        sweep(DUE + moment * MINUTE)
    clock.now = DUE + HOUR
    start = Barrier(2)

    def one(_):
        start.wait()
        try:
            return deliver(clock=clock, connection=server.connection())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, range(2)))
    assert sum(result.sent for result in results) == 60
    assert len({m["Message-ID"] for m in server.taken}) == len(server.taken) == 60


def reason():
    return (only().state, only().last_error)


def test_what_was_settled_meanwhile_is_not_mailed(remind, cast, clock):
    remind(cast.sales_staff)
    Deadline.objects.update(settled_at=DUE, settled_how="done", next_at=None)
    assert deliver(clock=clock) == DeliveryResult(cancelled=1)
    assert reason() == (State.CANCELLED, "settled")
    assert mail.outbox == []


def test_the_rest_is_mailed_when_some_of_it_was_settled(owe, cast, clock):
    done = owe(what="门店对接")
    owe(what="宣传海报")
    sweep(DUE)
    Deadline.objects.filter(pk=done.pk).update(settled_at=DUE, settled_how="done", next_at=None)
    assert deliver(clock=clock) == DeliveryResult(sent=1)
    assert "宣传海报" in mail.outbox[0].body
    assert "门店对接" not in mail.outbox[0].body


def test_a_person_who_left_gets_no_mail(remind, cast, clock):
    remind(cast.sales_staff)
    cast.sales_staff.is_active = False
    cast.sales_staff.save()
    deliver(clock=clock)
    assert reason() == (State.CANCELLED, "inactive")


def test_a_person_without_address_gets_no_mail(remind, cast, clock):
    remind(cast.sales_staff)
    cast.sales_staff.email = ""
    cast.sales_staff.save()
    deliver(clock=clock)
    assert reason() == (State.CANCELLED, "no_address")


def leave_task(person):
    Membership.objects.filter(user=person).delete()
    TaskMember.objects.filter(user=person).delete()


def test_nobody_is_reminded_of_a_task_they_may_not_see(running, cast, clock):
    """R29: 专员C was moved to another department after the reminder was written."""
    Message.objects.update(state=State.CANCELLED, next_attempt_at=None)
    owed = Deadline.objects.open().get(owner=cast.sales_staff)
    clock.now = owed.due_at + 7 * DAY
    sweep(clock.now)
    leave_task(cast.sales_staff)
    deliver(clock=clock)
    hers = Message.objects.filter(recipient=cast.sales_staff).latest("pk")
    assert (hers.state, hers.last_error) == (State.CANCELLED, "not_visible")
    assert [m.to for m in mail.outbox if m.to == [cast.sales_staff.email]] == []
    assert any(m.to == [cast.sales_head.email] for m in mail.outbox)


def test_nobody_is_told_of_a_change_in_a_task_they_may_not_see(running, cast, clock):
    """R29: also where a service tells somebody by mistake."""
    Message.objects.update(state=State.CANCELLED, next_attempt_at=None)
    event = history.record(running, "task.revised", by=cast.market_head, now=DUE)
    tell(event=event, people=[cast.outsider, cast.sales_head], link="/", now=DUE, task=running)
    deliver(clock=clock)
    assert [m.to for m in mail.outbox] == [[cast.sales_head.email]]
    hidden = Message.objects.get(recipient=cast.outsider)
    assert (hidden.state, hidden.last_error) == (State.CANCELLED, "not_visible")


@pytest.mark.parametrize(
    "values", [{"state": "queued", "next_attempt_at": None}, {"state": "sent", "sent_at": None}]
)
def test_the_database_keeps_no_mail_that_waits_for_ever(values, remind, cast):
    remind(cast.sales_staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.update(**values)
