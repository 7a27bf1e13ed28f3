"""Stage 1: writing the requirement, alone and with somebody else at the same time."""

import pytest

from audit.models import Event
from conftest import at, requirement
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from tasks.choices import Stage
from tasks.models import Target, WorkItem
from tasks.services import assignment, drafting, initiation

NOW = at("2024-09-20 10:00")


def save(task, by, *, version=None, fields=None, rows=None, departments=None, **more):
    service = drafting.revise_task if more else drafting.save_draft
    own, lines = requirement()
    return service(
        task=task,
        by=by,
        now=NOW,
        version=version or task.version,
        fields=own | (fields or {}),
        rows=lines | (rows or {}),
        departments=[c.department for c in task.collaborations.all()]
        if departments is None
        else departments,
        **more,
    )


def rows_of(task, name):
    names = {"targets": ("id", "metric", "number", "unit", "date"), "work_items": ("id", "name")}
    return [dict(row) for row in getattr(task, name).values(*names[name])]


def everything(task):
    return {
        "targets": rows_of(task, "targets"),
        "work_items": rows_of(task, "work_items"),
        "resources": [dict(r) for r in task.resources.values("id", "kind", "description")],
        "risks": [dict(r) for r in task.risks.values("id", "description", "response")],
    }


def test_head_and_named_contact_open_a_task_and_nobody_else(cast):
    """R1."""
    for person in (cast.research_head, cast.research_contact):
        task = drafting.create_draft(department=cast.research, by=person, now=NOW, title="新品")
        assert task.stage == Stage.DRAFT
        assert task.number is None
    for person in (cast.sales_head, cast.director, cast.admin, cast.records):
        with pytest.raises(NotAllowed):
            drafting.create_draft(department=cast.research, by=person, now=NOW, title="新品")


def test_a_draft_may_be_vague_and_incomplete(cast):
    """R6: it can always be saved."""
    task = drafting.create_draft(department=cast.market, by=cast.market_head, now=NOW, title="新品")
    saved = drafting.save_draft(
        task=task,
        by=cast.market_head,
        now=NOW,
        version=1,
        fields={"title": "新品", "goal": "尽快完成"},
        rows={"targets": [{"metric": "", "number": 3, "unit": "", "date": None}]},
        departments=[],
    )
    assert saved.goal == "尽快完成"
    assert saved.targets.get().number == 3


def test_rows_keep_their_identity_when_reordered_and_removed(cast, draft):
    rows = everything(draft)
    first, second, third = rows["work_items"]
    save(
        draft,
        cast.market_head,
        rows=rows | {"work_items": [third, first, {"name": "宣传物料制作"}]},
    )
    items = list(WorkItem.objects.filter(task=draft))
    assert [i.name for i in items] == ["渠道铺设", "市场调研", "宣传物料制作"]
    assert [i.pk for i in items[:2]] == [third["id"], first["id"]]
    assert not WorkItem.objects.filter(pk=second["id"]).exists()


def test_a_row_of_another_task_is_refused(cast, draft, other_draft):
    foreign = other_draft.targets.create(position=1, metric="别人的")
    rows = everything(draft)
    with pytest.raises(drafting.UnknownRow):
        save(draft, cast.market_head, rows=rows | {"targets": [{"id": foreign.pk, "metric": "x"}]})
    assert Target.objects.get(pk=foreign.pk).metric == "别人的"


@pytest.fixture
def other_draft(cast):
    return drafting.create_draft(department=cast.sales, by=cast.sales_head, now=NOW, title="别的")


def test_saving_the_same_again_writes_no_history(cast, draft):
    before = Event.objects.count()
    save(draft, cast.market_head, rows=everything(draft))
    assert Event.objects.count() == before


def test_the_second_editor_is_told_what_changed_and_nothing_is_overwritten(cast, draft):
    opened = draft.version
    save(draft, cast.market_head, fields={"goal": "首月销售额600万元"}, rows=everything(draft))
    with pytest.raises(EditedMeanwhile) as told:
        save(
            draft,
            cast.market_head,
            version=opened,
            fields={"goal": "首月销售额700万元"},
            rows=everything(draft) | {"risks": []},
        )
    draft.refresh_from_db()
    assert draft.goal == "首月销售额600万元"
    assert draft.risks.count() == 1
    (event,) = told.value.events
    assert event.changes["goal"] == ["首月销售额500万元，新增用户2万人", "首月销售额600万元"]


def test_a_submitted_task_is_revised_with_a_reason_old_and_new_value(cast, running):
    """R12."""
    rows = everything(running)
    rows["targets"][0] |= {"number": 600}
    save(running, cast.market_head, rows=rows, reason="董事会上调目标")
    event = Event.objects.of_task(running.pk).first()
    assert event.action == "task.revised"
    assert event.reason == "董事会上调目标"
    assert event.changes["targets"][0][0] == "首月销售额 · 500 · 万元"
    assert event.changes["targets"][1][0] == "首月销售额 · 600 · 万元"
    told = set(event.notices.values_list("recipient__name", flat=True))
    assert told == {"主管G", "经理B", "专员H", "工程师F", "专员C"}


def test_a_revision_without_a_reason_is_refused(cast, running):
    with pytest.raises(drafting.ReasonMissing):
        save(running, cast.market_head, rows=everything(running), reason="  ")


def test_a_taken_work_item_and_a_busy_department_stay(cast, running):
    rows = everything(running)
    with pytest.raises(drafting.WorkItemTaken):
        save(running, cast.market_head, rows=rows | {"work_items": []}, reason="删去")
    with pytest.raises(drafting.DepartmentBusy):
        save(running, cast.market_head, rows=rows, departments=[cast.sales], reason="删去")
    for subtask in running.subtasks.filter(department=cast.research):
        assignment.cancel_subtask(subtask=subtask, by=cast.research_head, now=NOW, reason="不参加")
    running.refresh_from_db()
    save(running, cast.market_head, rows=rows, departments=[cast.sales], reason="研发部退出")
    assert running.collaborations.count() == 1


def test_an_archived_or_cancelled_task_takes_no_change(cast, running):
    initiation.cancel_task(task=running, by=cast.market_head, now=NOW, reason="停")
    running.refresh_from_db()
    with pytest.raises(StageChanged):
        save(running, cast.market_head, rows=everything(running), reason="再改")
