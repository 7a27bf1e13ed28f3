"""Nobody who tells somebody something waits for another who does."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from audit import history
from conftest import at
from deadlines.models import Message
from deadlines.services import tell

EVENING = at("2024-10-15 20:00")
LATER = at("2024-10-15 21:00")


@pytest.mark.django_db(transaction=True)
def test_two_add_to_the_mail_of_the_morning_at_once_without_waiting(cast, running):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one transaction after the other")
    person = cast.sales_staff
    person.quiet_from, person.quiet_until = dt.time(19), dt.time(7)
    person.save()

    def tell_of(action, now):
        try:
            event = history.record(running, action, by=cast.admin, now=now)
            tell(event=event, people=[person], link="/", now=now, task=running)
        finally:
            if not connection.in_atomic_block:
                connection.close()

    tell_of("task.saved", EVENING)
    with ThreadPoolExecutor(1) as workers, transaction.atomic():
        tell_of("task.revised", LATER)
        workers.submit(tell_of, "task.finish", LATER + dt.timedelta(seconds=1)).result(10)
    mails = Message.objects.filter(recipient=person, next_attempt_at=at("2024-10-16 07:00"))
    assert sorted(mail.notices.count() for mail in mails) == [1, 2]
