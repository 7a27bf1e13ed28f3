"""When the work is done, the review and the signature are owed (R24–R26)."""

import datetime as dt

import pytest

from accounts.models import User
from conftest import at
from deadlines.models import Deadline
from deadlines.recount import differences
from reviews.tests import example
from tasks.services import closing, initiation

# The work ended on Friday, 2024-11-01.
REVIEW_DUE = at("2024-11-08 23:59:59")
ARCHIVE_DUE = at("2024-11-15 23:59:59")


def owed(task, kind):
    """The open duty of this kind, None without one; and nothing differs from what is owed."""
    assert [line for line in differences(example.FINISHED) if line.startswith(kind)] == []
    return Deadline.objects.open().filter(task_id=task.pk, kind=kind).first()


def settled(task, kind):
    return Deadline.objects.get(task_id=task.pk, kind=kind).settled_how


def test_while_the_work_goes_on_nobody_owes_review_or_signature(running):
    assert owed(running, "review") is None
    assert owed(running, "archive") is None


def test_the_initiator_owes_the_review_within_five_working_days_of_the_end(in_review, cast):
    duty = owed(in_review, "review")
    assert (duty.owner, duty.due_at) == (cast.market_head, REVIEW_DUE)
    assert (duty.since, duty.within) == (example.FINISHED, 5)
    assert duty.link == f"/tasks/{in_review.pk}/review/edit/"


def test_the_head_owes_the_signature_within_ten_working_days_of_the_end(in_review, cast):
    duty = owed(in_review, "archive")
    assert (duty.owner, duty.due_at) == (cast.market_head, ARCHIVE_DUE)
    assert duty.department == cast.market
    assert duty.link == f"/tasks/{in_review.pk}/sign/"


def test_a_contact_who_initiated_writes_and_the_head_signs(running, cast):
    running.initiator = cast.market_staff
    running.save()
    task = example.finish(cast, running)
    assert owed(task, "review").owner == cast.market_staff
    assert owed(task, "archive").owner == cast.market_head


@pytest.mark.parametrize("gone", ["nobody", "inactive"])
def test_without_a_head_the_initiator_sees_to_the_signature(running, cast, gone):
    running.initiator = cast.market_staff
    running.save()
    if gone == "nobody":
        cast.market.head = None
        cast.market.save()
    else:
        User.objects.filter(pk=cast.market_head.pk).update(is_active=False)
    closing.finish_task(task=running, by=cast.market_staff, now=example.FINISHED)
    duty = owed(running, "archive")
    assert duty.owner == cast.market_staff
    assert duty.link == f"/tasks/{running.pk}/review/"


def test_a_written_review_is_done_and_the_signature_still_owed(in_review, cast):
    example.write(cast, in_review)
    assert owed(in_review, "review") is None
    assert settled(in_review, "review") == "done"
    assert owed(in_review, "archive") is not None


def test_a_review_that_was_written_ahead_is_not_owed_again(running, cast):
    example.write(cast, running)
    task = example.finish(cast, running)
    assert owed(task, "review") is None
    assert owed(task, "archive") is not None


def test_the_signature_is_done_with_the_archive(complete, cast):
    example.sign(cast, complete, reason="示例")
    assert owed(complete, "archive") is None
    assert settled(complete, "archive") == "done"


def test_what_was_not_written_at_the_archive_is_cancelled_not_done(in_review, cast):
    example.sign(cast, in_review, reason="示例")
    assert settled(in_review, "review") == "cancelled"


def test_taking_up_the_work_again_calls_both_off_and_its_end_begins_anew(in_review, cast):
    closing.resume_task(
        task=in_review, by=cast.market_head, now=at("2024-11-04 09:00"), reason="补做"
    )
    assert owed(in_review, "review") is owed(in_review, "archive") is None
    assert settled(in_review, "review") == settled(in_review, "archive") == "cancelled"
    closing.finish_task(task=in_review, by=cast.market_head, now=at("2024-11-08 09:00"))
    assert owed(in_review, "review").due_at == REVIEW_DUE + dt.timedelta(days=7)


def test_a_cancelled_task_owes_neither(in_review, cast):
    initiation.cancel_task(
        task=in_review, by=cast.market_head, now=example.REVIEWED, reason="不再需要"
    )
    assert owed(in_review, "review") is owed(in_review, "archive") is None


def test_both_stand_on_the_first_page_once(in_review, cast, sign_in):
    page = sign_in(User.objects.get(pk=cast.market_head.pk)).get(
        "/", headers={"accept-language": "en"}
    )
    assert page.content.decode().count("Write the review") == 1
    assert page.content.decode().count("Sign and archive") == 1
