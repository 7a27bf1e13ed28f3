"""What a log holds (R14), and that it is completed once, by one person."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audit.models import Event
from communications.models import ActionItem, Communication, CommunicationState
from communications.services import logs
from communications.services.logs import ConclusionsMissing, complete_log
from communications.services.scheduling import (
    HasEnded,
    edit_communication,
    schedule_communication,
    we_talked,
)
from communications.services.shared import DepartmentMissing, EndsBeforeStart, ParticipantMissing
from communications.tests.conftest import CONCLUSIONS, THREE, people
from conftest import at, make_person
from coordination.errors import EditedMeanwhile, StageChanged
from deadlines.models import Deadline, Notice
from tasks.models import Task
from tasks.services import initiation
from tasks.services.drafting import ReasonMissing

LATER = at("2024-10-05 18:00")


def correct(communication, cast, **changes):
    values = {
        "by": cast.market_head,
        "now": LATER,
        "version": communication.version,
        "reason": "补充",
        "conclusions": CONCLUSIONS,
        "participants": THREE,
    }
    return logs.correct_log(communication=communication, **(values | changes))


def test_a_log_holds_what_the_form_asks_for(logged, cast):
    assert logged.state == CommunicationState.LOGGED
    assert (logged.recorder, logged.recorded_at) == (cast.market_head, at("2024-10-05 16:00"))
    assert logged.conclusions == CONCLUSIONS
    assert [str(p) for p in logged.participants.all()] == [
        "市场部 经理D",
        "销售部 主管G",
        "研发部 工程师F",
    ]
    item = logged.action_items.get()
    assert (str(item.owner), item.what, item.due_date) == (
        "专员C",
        "提交推广文案初稿",
        dt.date(2024, 11, 2),
    )


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"conclusions": " \n"}, ConclusionsMissing),
        ({"participants": []}, ParticipantMissing),
        ({"participants": people(("", "主管G"))}, DepartmentMissing),
        ({"participants": people(("销售部", " "))}, ParticipantMissing),
        ({"ends_at": at("2024-10-05 13:59")}, EndsBeforeStart),
    ],
)
def test_an_incomplete_log_is_refused_and_nothing_is_written(scheduled, complete, changes, error):
    before = Event.objects.count()
    with pytest.raises(error):
        complete(scheduled, **changes)
    scheduled.refresh_from_db()
    assert scheduled.state == CommunicationState.SCHEDULED
    assert scheduled.participants.count() == 3
    assert Event.objects.count() == before


def test_completing_twice_is_told_and_leaves_one_entry(scheduled, complete):
    same = Communication.objects.get(pk=scheduled.pk)
    complete(scheduled)
    with pytest.raises(StageChanged):
        complete(same, conclusions="另一份记录")
    assert Event.objects.filter(action="communication.logged").count() == 1
    assert ActionItem.objects.count() == 1
    assert Communication.objects.get().conclusions == CONCLUSIONS


@pytest.mark.django_db(transaction=True)
def test_of_two_people_completing_at_once_one_wins(scheduled, complete):
    barrier, outcomes = threading.Barrier(2), []

    def attempt(words):
        mine = Communication.objects.get(pk=scheduled.pk)
        barrier.wait()
        try:
            complete(mine, conclusions=words)
            outcomes.append("won")
        except StageChanged:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(w,)) for w in ("甲确认", "乙确认")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["told", "won"]
    assert Event.objects.filter(action="communication.logged").count() == 1
    assert ActionItem.objects.count() == 1


def test_a_stale_form_does_not_overwrite_what_was_rescheduled(scheduled, complete, cast):
    opened = scheduled.version
    scheduled.version += 1
    scheduled.save()
    with pytest.raises(EditedMeanwhile):
        complete(scheduled, version=opened)


def test_a_stale_correction_is_told_who_changed_what(logged, cast):
    opened = logged.version
    correct(logged, cast, conclusions="研发部确认11月6日前完成测试")
    with pytest.raises(EditedMeanwhile) as told:
        correct(logged, cast, version=opened, conclusions="别的")
    assert [event.action for event in told.value.events] == ["communication.corrected"]
    logged.refresh_from_db()
    assert logged.conclusions == "研发部确认11月6日前完成测试"


def test_a_correction_says_why_and_keeps_the_old_words(logged, cast):
    with pytest.raises(ReasonMissing):
        correct(logged, cast, reason=" ")
    correct(logged, cast, conclusions="研发部确认11月6日前完成测试")
    event = Event.objects.about(logged)[0]
    assert event.changes["conclusions"] == [CONCLUSIONS, "研发部确认11月6日前完成测试"]


def test_a_correction_that_changes_nothing_leaves_no_entry(logged, cast):
    before = Event.objects.count()
    correct(logged, cast)
    assert Event.objects.count() == before


def test_a_forgotten_action_item_is_added_by_a_correction(logged, cast):
    forgotten = {"owner": cast.research_head, "what": "完成测试", "due_date": dt.date(2024, 11, 5)}
    correct(logged, cast, action_items=[forgotten])
    assert [item.what for item in logged.action_items.all()] == ["提交推广文案初稿", "完成测试"]
    added = Event.objects.about(logged)[0].changes["action_items"]
    assert added == [[], ["经理B · 完成测试 · 2024-11-05"]]


def test_only_a_completed_log_is_corrected(scheduled, cast):
    with pytest.raises(StageChanged):
        correct(scheduled, cast)


def test_people_without_an_account_take_part(scheduled, complete):
    complete(scheduled, participants=people(("供应商甲", "王经理"), ("销售部", "临时工L")))
    assert [(str(p), p.user) for p in scheduled.participants.all()] == [
        ("供应商甲 王经理", None),
        ("销售部 临时工L", None),
    ]


def test_a_name_of_the_department_is_linked_to_its_account(scheduled, complete, cast):
    rows = people(("研发", " 工程师F "), ("销售部", "工程师F"), ("研发部", "工程师F"))
    complete(scheduled, participants=rows)
    linked, unlinked = scheduled.participants.all()
    assert (str(linked), linked.user) == ("研发部 工程师F", cast.research_contact)
    assert (str(unlinked), unlinked.user) == ("销售部 工程师F", None)


def test_two_people_of_the_same_name_are_not_guessed_between(scheduled, complete, cast):
    namesake = make_person("another", cast.sales)
    User.objects.filter(pk=namesake.pk).update(name="专员C")
    complete(scheduled, participants=people(("销售部", "专员C")))
    assert scheduled.participants.get().user is None


def test_who_of_two_was_meant_is_kept_through_a_correction(scheduled, complete, cast):
    namesake = make_person("another", cast.sales)
    User.objects.filter(pk=namesake.pk).update(name="专员C")
    rows = people(("销售部", "专员C"))
    complete(scheduled, participants=[rows[0] | {"user": namesake}])
    correct(scheduled, cast, participants=[*rows, *people(("市场部", "经理D"))])
    assert scheduled.participants.first().user == namesake


def test_a_stub_s_people_from_outside_are_linked_by_the_log(running, complete, cast):
    rows = people(("销售部", "专员C"), ("财务部", "会计K"))
    talk = we_talked(task=running, by=cast.sales_staff, now=LATER, participants=rows)
    assert [p.user for p in talk.participants.all()] == [cast.sales_staff, None]
    complete(talk, now=LATER, participants=rows)
    assert [p.user for p in talk.participants.all()] == [cast.sales_staff, cast.outsider]


def test_participants_and_owners_may_see_the_task_and_are_told(scheduled, complete, cast):
    task = scheduled.task
    assert not Task.objects.visible_to(cast.outsider).filter(pk=task.pk).exists()
    item = {"owner": cast.finance_head, "what": "核算", "due_date": dt.date(2024, 11, 1)}
    complete(
        scheduled,
        participants=[*THREE, *people(("财务部", "会计K"))],
        action_items=[item],
    )
    for person in (cast.outsider, cast.finance_head):
        fresh = type(person).objects.get(pk=person.pk)
        assert Task.objects.visible_to(fresh).filter(pk=task.pk).exists()
    told = Notice.objects.filter(event__action="communication.logged")
    assert {notice.recipient for notice in told} == {
        cast.sales_head,
        cast.research_contact,
        cast.outsider,
        cast.finance_head,
    }


def test_a_stub_lets_nobody_from_outside_in(running, cast):
    we_talked(
        task=running,
        by=cast.sales_staff,
        now=LATER,
        participants=people(("财务部", "会计K")),
    )
    assert not Task.objects.visible_to(cast.outsider).filter(pk=running.pk).exists()
    assert not Notice.objects.filter(recipient=cast.outsider).exists()


def test_an_ended_task_takes_no_talk_and_no_log(scheduled, complete, cast):
    initiation.cancel_task(task=scheduled.task, by=cast.market_head, now=LATER, reason="合并")
    with pytest.raises(StageChanged):
        complete(scheduled, now=LATER)
    assert not Deadline.objects.open().exists()


def test_the_database_itself_refuses_a_log_without_conclusions_and_an_early_late_mark(scheduled):
    rows = Communication.objects.filter(pk=scheduled.pk)
    for wrong in (
        {"state": "logged"},
        {"late_by": dt.timedelta(hours=1)},
        {"ends_at": at("2024-10-05 13:00")},
        {"method": "telepathy"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_a_later_end_told_at_completion_does_not_stop_the_clock(cast, running):
    """R15: the stub said when it ended; 30 hours later it is late, whatever is corrected."""
    talk = we_talked(task=running, by=cast.sales_staff, now=at("2024-10-05 15:00"))
    complete_log(
        communication=talk,
        by=cast.market_head,
        now=at("2024-10-06 21:00"),
        ends_at=at("2024-10-06 20:30"),
        conclusions="研发部确认11月5日前完成测试",
        participants=[{"department_name": "市场部", "name": "经理D"}],
    )
    assert talk.late_by == dt.timedelta(hours=6)


def test_a_talk_that_has_ended_is_not_moved_away_from_its_clock(cast, running):
    talk = schedule_communication(
        task=running,
        by=cast.market_head,
        now=at("2024-10-04 09:00"),
        topic="对接",
        starts_at=at("2024-10-05 14:00"),
        ends_at=at("2024-10-05 15:00"),
    )
    with pytest.raises(HasEnded):
        edit_communication(
            communication=talk,
            by=cast.market_head,
            now=at("2024-10-06 14:00"),
            version=talk.version,
            starts_at=at("2024-10-07 14:00"),
            ends_at=at("2024-10-07 15:00"),
        )
