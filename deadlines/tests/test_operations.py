"""Administrators see at a glance whether reminders go out, and what to do when they do not."""

import datetime as dt
import os
import time
import uuid

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from deadlines import jobs, upkeep
from deadlines.models import CalendarYear, Message, Run
from deadlines.operations import read_queue
from deadlines.tests.mail_server import running_mail_server

State = Message.State
PAGE = reverse("deadlines:operations")
RETRY_ALL = reverse("deadlines:retry_all")
TEST_MAIL = reverse("deadlines:test_mail")
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def swept(now):
    """The last sweep began so many minutes ago: `swept(6)`; at first just now."""

    def _swept(minutes):
        fields = {"began_at": now - minutes * MINUTE, "ended_at": now - minutes * MINUTE}
        Run.objects.update_or_create(
            job="sweep", defaults=fields | {"result": {"deadlines": 5, "reminders": 3}}
        )

    _swept(0)
    return _swept


@pytest.fixture
def write(cast, now):
    """`write(3, state="failed")` puts three mails to 专员C there."""

    def _write(number=1, *, person=cast.sales_staff, **fields):
        if fields.get("state", State.QUEUED) in (State.QUEUED, State.SENDING):
            fields = {"next_attempt_at": now} | fields
        Message.objects.bulk_create(
            Message(recipient=person, **({"created_at": now} | fields)) for _ in range(number)
        )

    return _write


@pytest.fixture
def read(sign_in, cast, swept):
    """The page as text, as the administrator sees it."""
    client = sign_in(cast.admin)
    return lambda **more: client.get(PAGE, **more).content.decode()


@pytest.fixture
def broker(monkeypatch):
    """A broker that answers: what is looked at here is everything else."""
    monkeypatch.setattr("deadlines.operations.broker_error", lambda: None)


def test_all_is_in_order(read, broker):
    text = read()
    assert "All is in order." in text
    assert "just now" in text
    assert "deadlines looked at: 5, reminders written: 3" in text
    assert "None waits." in text


@pytest.mark.parametrize(
    ("embedded", "advice"),
    [(True, "Stop the system and start it again"), (False, "must start beat and a worker again")],
)
def test_a_silent_beat_is_said_with_what_to_do(embedded, advice, read, swept, settings):
    settings.EMBEDDED = embedded
    swept(13)
    text = read()
    assert "All is in order." not in text
    assert "silent for 13 minutes" in text
    assert advice in text


def test_a_dead_broker_is_said_and_the_page_stays_quick(read):
    """The real client, no broker at its socket."""
    read()
    began = time.monotonic()
    assert "The broker does not answer" in read()
    assert time.monotonic() - began < 1


def test_what_waits_what_is_being_sent_and_since_when(read, write, now):
    write(2)
    write(state=State.SENDING, next_attempt_at=now + MINUTE)
    write(created_at=now - 3 * DAY, next_attempt_at=now + 30 * MINUTE, attempts=3)
    queue = read_queue(now)
    assert (queue.waiting, queue.sending) == ("3", 1)
    assert queue.oldest.created_at == now - 3 * DAY
    assert "to 专员C, since" in read()


def test_counts_stop_at_a_thousand(read, write):
    write(1000)
    assert read_queue(timezone.now()).waiting == "1,000"
    write(1)
    assert "1,000+" in read()


def test_what_was_sent_since_yesterday(write, now):
    write(2, state=State.SENT, sent_at=now - DAY + MINUTE)
    write(4, state=State.SENT, sent_at=now - DAY - MINUTE)
    queue = read_queue(now)
    assert (queue.sent_text, queue.last_sent_at) == ("2", now - DAY + MINUTE)


def test_a_mail_server_that_is_away_is_said_in_its_words(read, write, now):
    write(next_attempt_at=now - MINUTE, last_error="ConnectionRefusedError: [Errno 111]")
    text = read()
    assert "The mail server cannot be reached: ConnectionRefusedError: [Errno 111]" in text
    assert "none is lost" in text


def test_a_job_that_ended_with_an_error_is_said(read, now):
    Run.objects.create(job="deliver", began_at=now, ended_at=now, error="ValueError: no such kind")
    text = read()
    assert "The last run of a job ended with an error." in text
    assert "ValueError: no such kind" in text


def test_a_run_that_was_cut_off_is_not_said_to_run(read, now):
    Run.objects.create(job="reconcile", began_at=now - 60 * MINUTE)
    assert "did not end" in read()


def test_what_the_night_put_right_is_listed(read, now):
    findings = ["subtask_due 12: moved", "progress_update 7 2024-10-07: opened", "gone 3: moved"]
    found = {"checked": 40, "repaired": 3, "findings": findings}
    Run.objects.create(job="reconcile", began_at=now, ended_at=now, result=found)
    text = read()
    assert "3 deadlines were put right" in text
    assert "Finish the subtask (no. 12): stood with another person or moment" in text
    assert "Report progress (no. 7, week from 2024-10-07): was missing and is written" in text
    assert "gone 3: moved" in text


# Failed mails -----------------------------------------------------------------------------------


def test_failed_mails_show_their_reason_and_are_all_tried_again(read, write, client, cast):
    write(3, state=State.FAILED, attempts=5, last_error="550 no such person")
    write(state=State.CANCELLED)
    assert "550 no such person" in read()
    client.post(RETRY_ALL)
    assert "3 mails wait again" in read()
    rows = Message.objects.filter(state=State.QUEUED)
    assert [(m.attempts, bool(m.next_attempt_at)) for m in rows] == [(0, True)] * 3
    for message in rows:
        [entry] = Event.objects.about(message)
        assert (entry.action, entry.actor_name) == ("message.retried", "管理员")
    assert not Message.objects.failed().exists()


def test_500_at_once_the_newest_first(read, write, client):
    write(501, state=State.FAILED)
    assert "Try the newest 500 again" in read()
    client.post(RETRY_ALL)
    [left] = Message.objects.failed()
    assert left.pk < Message.objects.filter(state=State.QUEUED).earliest("pk").pk
    client.post(RETRY_ALL)
    assert not Message.objects.failed().exists()


# The test mail ----------------------------------------------------------------------------------


def press(client, **fields):
    return client.post(TEST_MAIL, fields, follow=True).content.decode()


def test_one_click_is_one_mail(read, client, cast):
    key = str(uuid.uuid4())
    assert "The test mail to 管理员@example.com was taken" in press(client, once=key)
    press(client, once=key)
    assert [m.to for m in mail.outbox] == [[cast.admin.email]]
    press(client, once=str(uuid.uuid4()))
    assert len(mail.outbox) == 2


def test_what_the_mail_server_says_is_shown(read, client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with running_mail_server() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        assert "was taken" in press(client)
        server.manners = ["refuse"]
        assert "no such person" in press(client)
    assert "refused" in press(client), "the server is gone"


def test_the_test_mail_stands_in_no_transaction(read, client, cast, monkeypatch):
    depth = len(connection.savepoint_ids)
    depths = []
    monkeypatch.setattr(
        upkeep, "send_mail", lambda *_, **__: depths.append(len(connection.savepoint_ids))
    )
    press(client, once=str(uuid.uuid4()))
    assert depths == [depth]


def test_without_an_address_nothing_is_sent(read, client, cast):
    cast.admin.email = ""
    cast.admin.save()
    assert "has no mail address" in press(client)
    assert mail.outbox == []


# The folder -------------------------------------------------------------------------------------


def test_without_a_mail_server_the_page_says_where_mails_are(read, settings, tmp_path):
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "", tmp_path
    text = read()
    assert f"No mail server is set: mails are written to {tmp_path} and shown here." in text
    assert "EMAIL_URL=" in text


def test_with_a_mail_server_the_page_names_it_without_its_password(read, settings):
    settings.EMAIL_URL = "smtp://user:secret@mail.example.com:587"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example.com", 587
    text = read()
    assert "No mail server is set" not in text
    assert "mail.example.com:587" in text
    assert "secret" not in text


def test_mail_files_are_kept_for_thirty_days(settings, tmp_path, db):
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "", tmp_path
    for name, days in [("new.log", 29), ("old.log", 31), ("notes.txt", 400)]:
        file = tmp_path / name
        file.write_text("x")
        moment = time.time() - days * 86400
        os.utime(file, (moment, moment))
    assert jobs.tidy() == {"removed": 1}
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.log", "notes.txt"]


def test_without_a_folder_there_is_nothing_to_tidy(settings, tmp_path, db):
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "", tmp_path / "nowhere"
    assert jobs.tidy() == {"removed": 0}
    settings.EMAIL_URL = "smtp://mail.example.com"
    assert jobs.tidy() == {"removed": 0}


# Every page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/tasks/", "/departments/"])
def test_administrators_are_alarmed_on_every_page_and_nobody_else(path, client, cast, swept):
    for minutes, person, is_alarmed in [
        (6, cast.admin, True),
        (4, cast.admin, False),
        (6, cast.market_head, False),
    ]:
        swept(minutes)
        client.force_login(person)
        text = client.get(path).content.decode()
        assert ("silent for 6 minutes" in text) == is_alarmed
        assert ("needs attention" in text) == is_alarmed


def test_a_failed_mail_marks_the_way_to_the_page(client, cast, swept, write):
    write(state=State.FAILED)
    client.force_login(cast.admin)
    text = client.get("/").content.decode()
    assert "needs attention" in text
    assert 'class="alarm"' not in text


def test_the_alarm_costs_administrators_one_statement_and_others_none(client, cast, swept):
    costs = {}
    for person in (cast.admin, cast.records):
        client.force_login(person)
        with CaptureQueriesContext(connection) as statements:
            client.get("/profile/")
        costs[person] = [s["sql"] for s in statements if "deadlines_run" in s["sql"]]
    assert (len(costs[cast.admin]), len(costs[cast.records])) == (1, 0)


# The page itself --------------------------------------------------------------------------------


def test_the_script_fetches_the_inside_alone(read):
    whole, part = read(), read(headers={"hx-request": "true"})
    assert "<html" in whole
    assert "<html" not in part
    for text in (whole, part):
        assert text.count('id="operations"') == 1
        assert 'hx-trigger="every 20s"' in text


def test_when_the_session_has_ended_the_whole_page_is_loaded_again(client, db):
    answer = client.get(PAGE, headers={"hx-request": "true"}, follow=True)
    assert answer.headers["HX-Refresh"] == "true"


def test_the_page_costs_the_same_for_3_and_for_30_mails_of_each_kind(
    read, write, client, now, broker
):
    """Session, person, organisation, department of the frame; the pulse; jobs; what is sent, what
    waits, the oldest, what was sent; what failed, and how many; years of the calendar.
    """
    counts = []
    for number in (3, 27):
        write(number)
        write(number, state=State.SENDING, next_attempt_at=now + MINUTE)
        write(number, state=State.FAILED)
        write(number, state=State.SENT, sent_at=now)
        Run.objects.bulk_create(
            Run(job=f"job {number} {n}", began_at=now, result={"n": n}) for n in range(number)
        )
        with CaptureQueriesContext(connection) as statements:
            read()
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 15


def test_a_year_without_official_holidays_is_told(read):
    CalendarYear.objects.update(is_complete=False)
    assert "official days of" in read()
