"""The head signs; the record is frozen and takes no more change (R24, R26)."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.models import User
from audit.models import Event
from conftest import at, released, requirement
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from deadlines.models import Deadline, Notice
from records.build import build
from records.canonical import GENESIS, canonical, check_code
from records.checking import walk_archives
from records.models import Archive, Chain
from records.record import from_plain
from records.services import StillMissing, WrongPassword, newest_event
from reviews.models import SignOff
from reviews.tests import example
from reviews.tests.example import sign
from tasks.choices import Stage
from tasks.models import Task
from tasks.services import assignment, drafting, initiation


@pytest.fixture
def complete(cast, running):
    return example.complete(cast, running)


@pytest.fixture
def in_review(cast, running):
    return example.finish(cast, running)


def test_signing_archives_the_task_with_its_date(complete, cast):
    sign(cast, complete)
    complete.refresh_from_db()
    assert complete.stage == Stage.ARCHIVED
    assert complete.ended_at == example.ARCHIVED
    assert (complete.sign_off.signer_name, complete.sign_off.missing) == ("市场部 经理D", [])


def test_the_signature_gives_the_job_title_too(complete, cast):
    cast.market_head.title = "总监"
    sign(cast, complete)
    assert SignOff.objects.get().signer_name == "市场部 总监 经理D"


def test_the_frozen_record_holds_signature_and_date(complete, cast):
    archive = sign(cast, complete)
    record = from_plain(json.loads(archive.record))
    assert record.is_archived
    assert record.summary.archived_at == record.summary.signed_at == example.ARCHIVED
    assert record.summary.signed_by == "市场部 经理D"
    assert record.summary.keep == (example.KEEP,)
    assert record.summary.improve == (example.IMPROVE,)
    assert record == build(Task.objects.get(pk=complete.pk))


def test_signing_leaves_one_history_entry_and_tells_the_people_concerned(complete, cast):
    sign(cast, complete)
    (event,) = Event.objects.of_task(complete.pk).filter(action="task.archive")
    assert (event.actor_name, event.at) == ("经理D", example.ARCHIVED)
    told = Notice.objects.filter(event=event).values_list("recipient__name", flat=True)
    assert set(told) == {"主管G", "经理B", "专员H", "工程师F", "专员C"}


def test_nothing_is_owed_any_more(in_review, cast):
    assert Deadline.objects.open().filter(task_id=in_review.pk).exists()
    sign(cast, in_review, reason="项目提前结束")
    assert not Deadline.objects.open().filter(task_id=in_review.pk).exists()


def test_what_is_missing_needs_a_reason(in_review, cast):
    with pytest.raises(StillMissing) as refusal:
        sign(cast, in_review, reason="  ")
    assert refusal.value.field == "reason"
    assert not SignOff.objects.exists()
    assert Task.objects.get(pk=in_review.pk).stage == Stage.REVIEW


def test_what_was_missing_and_why_stand_in_signature_history_and_record(in_review, cast):
    archive = sign(cast, in_review, reason="项目提前结束")
    sign_off = in_review.sign_off
    kinds = {entry["kind"]: entry["count"] for entry in sign_off.missing}
    assert kinds == {
        "subtasks": 3,
        "progress": 12,
        "syncs": 5,
        "results": 2,
        "lessons": 1,
        "meeting": 1,
    }
    assert sign_off.reason == "项目提前结束"
    [event] = Event.objects.of_task(in_review.pk).filter(action="task.archive")
    assert event.reason == "项目提前结束"
    record = from_plain(json.loads(archive.record))
    assert record.summary.missing_reason == "项目提前结束"
    assert record.summary.missing[0].names == ("市场调研", "产品培训", "渠道铺设")


def test_a_reason_without_need_is_not_kept(complete, cast):
    sign(cast, complete, reason="无")
    assert SignOff.objects.get().reason == ""


def test_a_wrong_password_changes_nothing(complete, cast):
    with pytest.raises(WrongPassword) as refusal:
        sign(cast, complete, password="wrong")
    assert refusal.value.field == "password"
    assert not Archive.objects.exists()
    assert Task.objects.get(pk=complete.pk).stage == Stage.REVIEW


@pytest.mark.parametrize(
    "person",
    ["market_staff", "sales_head", "research_contact", "director", "records", "admin", "outsider"],
)
def test_nobody_but_the_initiating_head_signs(complete, cast, person):
    with pytest.raises(NotAllowed):
        sign(cast, complete, by=getattr(cast, person))


def test_a_contact_of_the_initiating_department_leads_but_does_not_sign(complete, cast):
    cast.market.contacts.create(user=cast.market_staff, named_at=at("2024-09-01 09:00"))
    with pytest.raises(NotAllowed):
        sign(cast, complete, by=User.objects.get(pk=cast.market_staff.pk))


def test_a_head_who_has_left_does_not_sign(complete, cast):
    cast.market_head.is_active = False
    with pytest.raises(NotAllowed):
        sign(cast, complete)


def test_who_signs_signs_what_they_have_seen(complete, cast):
    seen = newest_event(complete)
    example.write(cast, complete, version=1, summary="改过的总结")
    with pytest.raises(EditedMeanwhile) as refusal:
        sign(cast, complete, seen=seen)
    assert [event.action for event in refusal.value.events] == ["review.written"]
    sign(cast, complete, seen=refusal.value.current_version, reason="示例")


@pytest.mark.parametrize("stage", ["draft", "consulted", "assigning", "running"])
def test_only_a_task_in_review_is_archived(request, cast, stage):
    with pytest.raises(StageChanged):
        sign(cast, request.getfixturevalue(stage), reason="试")


def test_a_task_is_archived_once(complete, cast):
    sign(cast, complete)
    with pytest.raises(StageChanged):
        sign(cast, complete)


@pytest.mark.django_db(transaction=True)
def test_of_two_heads_signing_at_once_one_wins(complete, cast):
    def click(_index):
        try:
            return sign(cast, Task.objects.get(pk=complete.pk)).pk
        except StageChanged:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(click, range(4)))
    assert sorted(o is None for o in outcomes) == [False, True, True, True]
    assert Archive.objects.count() == SignOff.objects.count() == 1
    assert Event.objects.filter(action="task.archive").count() == 1


def another_in_review(cast, number):
    """One more small task of 市场部, in review."""
    now = at("2024-09-20 09:00")
    fields, rows = requirement(title=f"任务{number}")
    title = fields.pop("title")
    task = drafting.create_draft(department=cast.market, by=cast.market_head, now=now, title=title)
    task = drafting.save_draft(
        task=task,
        by=cast.market_head,
        now=now,
        version=task.version,
        fields=fields,
        rows=rows | {"work_items": [{"name": "调研"}]},
        departments=[cast.sales],
    )
    task = initiation.submit_task(task=task, by=cast.market_head, now=now)
    task = initiation.open_assignment(task=task, by=cast.market_head, now=now)
    assignment.take_on_work_item(
        work_item=task.work_items.get(),
        department=cast.market,
        by=cast.market_head,
        now=now,
        name="调研",
        goal="访谈30家门店",
        owner=cast.market_staff,
        start_date=fields["start_date"],
        due_date=fields["end_date"],
    )
    task = assignment.confirm_assignment(task=task, by=cast.market_head, now=now)
    return example.finish(cast, task)


@pytest.fixture
def three(cast):
    """A chain of three archives."""
    tasks = [another_in_review(cast, number) for number in (1, 2, 3)]
    return [sign(cast, task, reason="示例") for task in tasks]


def found() -> list[str]:
    """What the check of the archives finds, each with the archive's place in the chain."""
    return [f"{finding.code} {finding.number}" for s in walk_archives() for finding in s.findings]


def test_three_archives_form_a_chain_that_verifies(three):
    assert [a.previous_sha256 for a in three] == [GENESIS, three[0].sha256, three[1].sha256]
    assert sum(step.checked for step in walk_archives()) == 3
    assert found() == []


def change(archive, **values):
    """As somebody with full access to the database could."""
    with released(Archive):
        Archive.objects.filter(pk=archive.pk).update(**values)


def test_a_changed_word_is_found_and_named_with_its_place(three, capsys):
    change(three[1], record=three[1].record.replace("任务2", "任务9"))
    assert found() == [f"archive_changed {three[1].pk}"]
    with pytest.raises(CommandError):
        call_command("verify_history")
    assert "is not what was signed. [2024-市场-002 任务2: basics.title]" in capsys.readouterr().err


def test_a_record_that_is_none_any_more_is_found(three):
    change(three[1], record="{")
    assert found() == [f"archive_changed {three[1].pk}"]


def test_a_record_exchanged_with_its_check_code_breaks_the_link_after_it(three):
    record = three[1].record.replace("任务2", "任务9")
    change(three[1], record=record, sha256=check_code(record, three[1].previous_sha256))
    assert f"archive_unlinked {three[2].pk}" in found()


def test_a_chain_made_anew_from_end_to_end_is_not_that_of_the_history(three):
    """Check codes need no key; the history that holds them is sealed with one."""
    previous = GENESIS
    for archive in three:
        record = archive.record.replace("任务1", "任务9")
        code = check_code(record, previous)
        change(archive, record=record, sha256=code, previous_sha256=previous)
        previous = code
    Chain.objects.update(last_sha256=previous)
    assert found() == [f"archive_exchanged {archive.pk}" for archive in three]


def test_an_archive_taken_out_of_the_middle_is_noticed(three):
    with released(Archive):
        Archive.objects.filter(pk=three[1].pk).delete()
    assert found() == [f"archive_unlinked {three[2].pk}"]


def test_the_newest_archive_cannot_vanish_unnoticed(three):
    with released(Archive):
        Archive.objects.filter(pk=three[2].pk).delete()
    assert found() == [f"archives_cut_off {three[2].sha256[:12]}"]


def test_an_archive_from_before_the_history_kept_check_codes_is_checked_by_the_chain(three):
    with released(Event):
        Event.objects.filter(action="archive.frozen", subject_id=three[0].pk).delete()
    assert found() == []


def test_no_archives_are_a_chain_too(db):
    assert found() == []


@pytest.mark.django_db(transaction=True)
def test_tasks_archived_at_the_same_moment_do_not_fork_the_chain(cast):
    tasks = [another_in_review(cast, number) for number in range(6)]

    def click(task):
        try:
            return sign(cast, Task.objects.get(pk=task.pk), reason="示例")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(click, tasks))
    assert found() == []
    assert Chain.objects.get().last_sha256 == Archive.objects.first().sha256


def test_equal_records_give_equal_bytes(complete):
    first = canonical(build(Task.objects.get(pk=complete.pk)))
    assert first == canonical(build(Task.objects.get(pk=complete.pk)))
    assert "首月销售额" in first
    assert list(json.loads(first)) == sorted(json.loads(first))


def test_the_check_code_can_be_recomputed_with_plain_tools():
    # printf '%s\n%s' "$(printf '0%.0s' {1..64})" '{"a":"市"}' | sha256sum
    expected = "5625dab45aad094eb6d8cfe762882964d3bc9406002799b343e32edc79da4482"
    assert check_code('{"a":"市"}', GENESIS) == expected


def test_archiving_survives_a_failure_in_the_middle(complete, cast, monkeypatch):
    monkeypatch.setattr("records.services.settle_task", _broken)
    with pytest.raises(RuntimeError):
        sign(cast, complete)
    assert not SignOff.objects.exists()
    assert Task.objects.get(pk=complete.pk).stage == Stage.REVIEW


def _broken(**_values):
    raise RuntimeError
