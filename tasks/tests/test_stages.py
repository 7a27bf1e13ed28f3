"""The task moves through its stages as the transition table says."""

import datetime as dt

import pytest

from audit.models import Event
from conftest import at
from coordination.errors import NotAllowed, StageChanged
from deadlines.models import Deadline, Notice
from tasks.choices import Stage
from tasks.services import closing, initiation
from tasks.workflow import TRANSITIONS

NOW = at("2024-09-30 09:00")


def test_submission_gives_the_number_of_year_and_department(consulted):
    assert consulted.number == "2024-市场-001"
    assert consulted.stage == Stage.CONSULTATION


def test_confirmed_assignment_owes_each_subtask_by_its_due_date(running, cast):
    deadlines = Deadline.objects.open().filter(task_id=running.pk)
    assert {d.owner for d in deadlines} == {
        cast.market_staff,
        cast.research_contact,
        cast.sales_staff,
    }
    assert {d.due_at for d in deadlines} == {at("2024-10-15 23:59:59").astimezone(dt.UTC)}


def test_every_pair_of_stages_moves_only_as_the_table_says(running, cast):
    for stage in Stage.values:
        for act, (old, _to) in TRANSITIONS.items():
            if act in ("submit", "discard", "open_assignment", "confirm", "archive"):
                continue
            running.stage = stage
            running.number, running.submitted_at = ("2024-市场-001", NOW)
            if stage == Stage.DRAFT:
                running.number = running.submitted_at = None
            type(running).objects.filter(pk=running.pk).update(
                stage=stage, number=running.number, submitted_at=running.submitted_at
            )
            if stage in old:
                _act(act)(running, cast.market_head)
            else:
                with pytest.raises(StageChanged):
                    _act(act)(running, cast.market_head)


def _act(name):
    return {
        "finish": lambda t, by: closing.finish_task(task=t, by=by, now=NOW),
        "resume": lambda t, by: closing.resume_task(task=t, by=by, now=NOW, reason="补做"),
        "cancel": lambda t, by: initiation.cancel_task(task=t, by=by, now=NOW, reason="合并"),
    }[name]


def test_cancelling_settles_what_was_owed_and_tells_the_people_concerned(running, cast):
    initiation.cancel_task(task=running, by=cast.market_head, now=NOW, reason="项目合并")
    assert not Deadline.objects.open().filter(task_id=running.pk).exists()
    told = Notice.objects.filter(event__action="task.cancel").values_list("recipient", flat=True)
    assert set(told) == {
        p.pk
        for p in (
            cast.sales_head,
            cast.research_head,
            cast.market_staff,
            cast.research_contact,
            cast.sales_staff,
        )
    }
    assert Event.objects.of_task(running.pk).first().reason == "项目合并"


def test_only_the_initiating_side_cancels(running, cast):
    with pytest.raises(NotAllowed):
        initiation.cancel_task(task=running, by=cast.sales_head, now=NOW, reason="不想做")
