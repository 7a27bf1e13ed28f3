"""The review compares targets and keeps lessons, visibly (R25)."""

import pytest

from audit.models import Event
from communications.services import scheduling
from conftest import at
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from deadlines.models import Notice
from reviews.models import Lesson, Review, TargetResult
from reviews.services import MeetingNotLogged, NothingWritten
from reviews.tests import example
from tasks.services.assignment import OtherTask


def test_results_and_lessons_are_kept_target_by_target(in_review, cast):
    review = example.write(cast, in_review)
    results = [(r.target.metric, r.number, r.reached) for r in review.target_results.all()]
    assert [(m, str(n), r) for m, n, r in results] == [
        ("首月销售额", "512.000", "met"),
        ("新增用户", "1.800", "partly"),
    ]
    assert [(x.kind, x.text) for x in review.lessons.all()] == [
        ("improve", example.IMPROVE),
        ("keep", example.KEEP),
    ]


def test_writing_leaves_one_history_entry_with_every_line(in_review, cast):
    review = example.write(cast, in_review)
    (event,) = Event.objects.about(review)
    assert event.changes["met"] == [[], ["首月销售额 · 512万元"]]
    assert event.changes["partly"] == [[], ["新增用户 · 1.8万人 · 线下门店转化偏低"]]
    assert event.changes["keep"] == [[], [example.KEEP]]
    assert (review.version, review.written_by) == (1, cast.market_head)


def test_the_people_concerned_are_told(in_review, cast):
    example.write(cast, in_review)
    told = Notice.objects.filter(event__action="review.written").values_list(
        "recipient__name", flat=True
    )
    assert set(told) == {"主管G", "经理B", "专员H", "工程师F", "专员C"}


def test_saving_again_without_a_change_leaves_no_entry(in_review, cast):
    example.write(cast, in_review)
    review = example.write(cast, in_review, version=1)
    assert review.version == 1
    assert Event.objects.about(review).count() == 1


def test_a_stale_edit_writes_nothing_and_says_what_happened(in_review, cast):
    example.write(cast, in_review)
    with pytest.raises(EditedMeanwhile) as refusal:
        example.write(cast, in_review, version=0, lessons=[{"kind": "keep", "text": "别的"}])
    assert [event.action for event in refusal.value.events] == ["review.written"]
    assert refusal.value.current_version == 1
    assert Lesson.objects.filter(text=example.KEEP).exists()


def test_a_version_nobody_wrote_is_stale_too(in_review, cast):
    with pytest.raises(EditedMeanwhile):
        example.write(cast, in_review, version=7)
    assert not Review.objects.exists()


def test_an_empty_review_is_not_written(in_review, cast):
    with pytest.raises(NothingWritten):
        example.write(cast, in_review, summary=" ", results=[], lessons=[])
    assert not Review.objects.exists()


def test_only_a_logged_communication_of_this_task_is_its_review_meeting(in_review, cast):
    talk = scheduling.we_talked(
        task=in_review, by=cast.sales_head, now=at("2024-11-04 09:00"), topic="电话"
    )
    with pytest.raises(MeetingNotLogged):
        example.write(cast, in_review, meeting=talk)


def test_a_target_of_another_task_is_refused(in_review, cast):
    other = type(in_review).objects.create(
        title="别的",
        department=cast.market,
        initiator=cast.market_head,
        created_at=at("2024-09-01 09:00"),
    )
    target = other.targets.create(position=1, metric="别的", number=1, unit="个")
    results = [{"target": target, "reached": "met", "number": None, "note": ""}]
    with pytest.raises(OtherTask):
        example.write(cast, in_review, results=results)
    assert not TargetResult.objects.exists()


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("market_head", True),
        ("market_staff", False),
        ("sales_head", False),
        ("research_contact", False),
        ("director", False),
        ("outsider", False),
        ("admin", False),
        ("records", False),
    ],
)
def test_the_initiating_side_writes_and_nobody_else(in_review, cast, person, may):
    by = getattr(cast, person)
    write = {"task": in_review, "by": by, "now": example.REVIEWED, **example.review_of(in_review)}
    if may:
        assert example.write_review(**write).version == 1
    else:
        with pytest.raises(NotAllowed):
            example.write_review(**write)


def test_before_the_work_begins_there_is_no_review(assigning, cast):
    with pytest.raises(StageChanged):
        example.write(cast, assigning)
