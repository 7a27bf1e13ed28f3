"""Who does what by when: exactly one person, owed until done (R14, R28)."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.services.people import edit_person
from audit.models import Event
from communications.models import ActionState
from communications.services import action_items
from communications.services.action_items import OwnerInactive
from conftest import at
from coordination.errors import EditedMeanwhile, StageChanged
from deadlines import recount
from deadlines.models import Deadline, Notice
from tasks.services.assignment import finish_subtask
from tasks.services.drafting import ReasonMissing

NOW = at("2024-10-20 09:00")


def owed(item):
    return Deadline.objects.open().of(item).filter(kind="action_item").first()


def edit(item, cast, **changes):
    values = {
        "by": cast.market_head,
        "now": NOW,
        "version": item.version,
        "reason": "换人",
        "what": item.what,
        "owner": item.owner,
        "due_date": item.due_date,
    }
    return action_items.edit_action_item(action_item=item, **(values | changes))


def test_its_owner_owes_it_until_the_end_of_the_day(item, cast):
    deadline = owed(item)
    assert deadline.owner == cast.sales_staff
    assert deadline.due_at == at("2024-11-02 23:59:59")
    assert deadline.link == f"/action-items/{item.pk}/done/"


def test_who_moves_to_another_department_takes_the_line_along(item, cast):
    row, person = owed(item), cast.sales_staff
    finish_subtask(subtask=item.task.subtasks.get(owner=person), by=person, now=NOW)
    edit_person(
        person=person,
        by=cast.admin,
        now=NOW,
        version=person.version,
        username=person.username,
        name=person.name,
        email=person.email,
        title=person.title,
        language=person.language,
        is_records_administrator=False,
        is_staff=False,
        departments=[cast.service],
        main_department=cast.service,
    )
    assert recount.is_asked_for()
    recount.reconcile(NOW)
    assert owed(item) == row
    assert owed(item).department == cast.service


def test_done_settles_it_and_tells_the_initiator(item, cast):
    action_items.finish_action_item(
        action_item=item, by=cast.sales_staff, now=NOW, result="初稿已发"
    )
    assert (item.state, item.done_at, item.result) == (ActionState.DONE, NOW, "初稿已发")
    assert owed(item) is None
    told = Notice.objects.get(event__action="action_item.done")
    assert told.recipient == cast.market_head


def test_done_twice_is_told(item, cast):
    same = type(item).objects.get(pk=item.pk)
    action_items.finish_action_item(action_item=item, by=cast.sales_staff, now=NOW)
    with pytest.raises(StageChanged):
        action_items.finish_action_item(action_item=same, by=cast.market_head, now=NOW)
    assert Event.objects.filter(action="action_item.done").count() == 1


@pytest.mark.parametrize("ended", ["done", "cancelled"])
def test_reopened_it_is_owed_again(item, cast, ended):
    if ended == "done":
        action_items.finish_action_item(action_item=item, by=cast.sales_staff, now=NOW)
    else:
        action_items.cancel_action_item(
            action_item=item, by=cast.market_head, now=NOW, reason="不再需要"
        )
    assert owed(item) is None
    with pytest.raises(ReasonMissing):
        action_items.reopen_action_item(action_item=item, by=cast.market_head, now=NOW, reason="")
    action_items.reopen_action_item(
        action_item=item, by=cast.market_head, now=NOW, reason="文案不全"
    )
    assert (item.state, item.done_at, item.result) == (ActionState.OPEN, None, "")
    assert owed(item).owner == cast.sales_staff


def test_a_new_owner_owes_it_and_both_are_told(item, cast):
    edit(item, cast, owner=cast.market_staff, due_date=dt.date(2024, 11, 4))
    assert (owed(item).owner, owed(item).due_at) == (cast.market_staff, at("2024-11-04 23:59:59"))
    event = Event.objects.about(item)[0]
    assert event.changes["owner"] == ["专员C", "专员H"]
    assert event.reason == "换人"
    told = set(Notice.objects.filter(event=event).values_list("recipient__name", flat=True))
    assert told == {"专员C", "专员H"}


def test_a_change_says_why(item, cast):
    with pytest.raises(ReasonMissing):
        edit(item, cast, reason="  ", what="别的")


def test_a_stale_change_is_told(item, cast):
    opened = item.version
    edit(item, cast, what="提交推广文案终稿")
    with pytest.raises(EditedMeanwhile):
        edit(item, cast, version=opened, what="别的")


def test_what_is_done_is_not_changed(item, cast):
    action_items.finish_action_item(action_item=item, by=cast.sales_staff, now=NOW)
    with pytest.raises(StageChanged):
        edit(item, cast, what="别的")


def test_nobody_who_has_left_becomes_responsible(item, cast):
    cast.market_staff.is_active = False
    cast.market_staff.save()
    with pytest.raises(OwnerInactive):
        edit(item, cast, owner=cast.market_staff)


def test_the_database_refuses_an_action_item_without_its_person_or_its_what(item):
    rows = type(item).objects.filter(pk=item.pk)
    for wrong in ({"owner": None}, {"what": ""}, {"due_date": None}, {"state": "done"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
