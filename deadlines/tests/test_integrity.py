"""The nightly check of the history: what it finds is shown, and administrators are told once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from audit import history
from audit.models import Event
from audit.seals import seal_new
from conftest import at, released
from deadlines import jobs
from deadlines.models import Message, Notice, Run

NOW = at("2024-10-05 14:00")
PAGE = reverse("deadlines:operations")


@pytest.fixture
def entry(cast):
    """An entry that was sealed."""
    written = history.record(cast.market, "department.edited", by=cast.admin, now=NOW)
    seal_new(NOW)
    return written


def tamper(entry, **values):
    with released(Event):
        Event.objects.filter(pk=entry.pk).update(**values)


def test_a_history_in_order_is_said_to_be(entry, cast, sign_in):
    jobs.verify_history()
    assert Run.objects.get(job="verify_history").result["findings"] == []
    text = sign_in(cast.admin).get(PAGE).content.decode()
    assert "History and archives are as they were written." in text
    assert not Notice.objects.exists()


def test_what_was_changed_is_shown_without_what_it_says(entry, cast, sign_in):
    tamper(entry, subject_label="秘密")
    jobs.verify_history()
    text = sign_in(cast.admin).get(PAGE).content.decode()
    assert f"Entry no. {entry.pk} of the history was changed after it was sealed." in text
    assert "秘密" not in text


def test_administrators_are_told_once(entry, cast):
    tamper(entry, reason="x")
    jobs.verify_history()
    jobs.verify_history()
    [notice] = Notice.objects.filter(event__action="history.damaged")
    assert (notice.recipient, notice.required) == (cast.admin, True)
    assert Message.objects.filter(recipient=cast.admin).count() == 1


def test_more_damage_is_told_again(entry, cast):
    tamper(entry, reason="x")
    jobs.verify_history()
    another = history.record(cast.market, "department.edited", by=cast.admin, now=NOW)
    seal_new(timezone.now())
    tamper(another, reason="x")
    jobs.verify_history()
    assert Notice.objects.filter(event__action="history.damaged").count() == 2
