"""Administrators change when people are reminded, and see before what would be sent to whom."""

import dataclasses

import pytest
from django.urls import reverse

from coordination.errors import EditedMeanwhile, NotAllowed
from deadlines import kinds, recount
from deadlines.ladders import services as ladders
from deadlines.ladders.services import set_ladder
from deadlines.models import Ladder, Reminder
from deadlines.policies import Step
from deadlines.sweep import sweep
from deadlines.terms import Terms
from deadlines.tests.conftest import DAY, DUE, HOUR
from deadlines.wording import when_told

NOW = DUE - 7 * DAY


def steps(*lines):
    return kinds.ladder(*lines)


def change(cast, kind, *lines, version=0, by=None, **more):
    by = by or cast.admin
    return set_ladder(kind=kind, by=by, now=NOW, version=version, steps=steps(*lines), **more)


def sent(**form):
    """What the page sends: rows of (amount, unit, side, at, roles)."""
    rows = form.pop("rows")
    data = {"version": 0, "steps-TOTAL_FORMS": len(rows), "steps-INITIAL_FORMS": 0} | form
    for index, (amount, unit, side, time, roles) in enumerate(rows):
        names = ("amount", "unit", "side", "at", "roles")
        values = (amount, unit, side, time, roles)
        data |= {f"steps-{index}-{n}": v for n, v in zip(names, values, strict=True)}
        data[f"steps-{index}-ORDER"] = index + 1
    return data


def edit(kind="test"):
    return reverse("deadlines:ladder_edit", args=[kind])


ROWS = [(2, "h", "-1", "", ["owner"]), (1, "w", "1", "09:00", ["owner", "head"])]


def test_a_changed_ladder_holds_for_what_is_open_after_the_recount(cast, kind, owe):
    owe()
    change(cast, kind, "-3d owner", "+1h owner head")
    assert recount.is_asked_for()
    recount.reconcile(NOW)
    sweep(DUE + HOUR)
    told = Reminder.objects.order_by("pk").values_list("step", flat=True)
    assert list(told) == ["-3d", "+1h", "+1h"]


def test_what_was_told_is_not_told_again_when_the_ladder_changes(cast, kind, owe):
    owe()
    sweep(DUE - DAY)
    change(cast, kind, "-1d owner", "-12h owner")
    recount.reconcile(DUE - DAY + HOUR)
    sweep(DUE)
    told = Reminder.objects.order_by("pk").values_list("step", flat=True)
    assert list(told) == ["-1d", "-12h"]


def test_as_shipped_again(cast, kind):
    change(cast, kind, "-3d owner")
    assert [s.code for s in Terms.current(NOW).steps("test")] == ["-3d"]
    change(cast, kind, version=1)
    assert Terms.current(NOW).steps("test") == kind.ladder
    assert not Terms.current(NOW).is_changed("test")


def test_the_shipped_ladder_saved_is_as_shipped(cast, kind):
    """So that a later release may improve it."""
    set_ladder(kind=kind, by=cast.admin, now=NOW, version=0, steps=kind.ladder)
    assert Ladder.objects.get().steps == []


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        (["-1h head"], ladders.OwnerNeverTold),
        (["-1h owner", "-1h head"], ladders.TwiceTheSame),
        ([f"-{n}h owner" for n in range(1, 14)], ladders.TooManySteps),
    ],
)
def test_ladders_that_help_nobody_are_refused(cast, kind, lines, refusal):
    with pytest.raises(refusal):
        change(cast, kind, *lines)
    assert not Ladder.objects.exists()


def test_only_administrators_change_ladders(cast, kind):
    with pytest.raises(NotAllowed):
        change(cast, kind, "-1h owner", by=cast.director)


def test_a_stale_edit_is_told(cast, kind):
    change(cast, kind, "-1h owner")
    with pytest.raises(EditedMeanwhile):
        change(cast, kind, "-2h owner")


def test_the_term_of_an_answer_can_be_set(cast, kind, monkeypatch):
    kind = dataclasses.replace(kind, within=2)
    monkeypatch.setitem(kinds._kinds, "test", kind)
    assert Terms.current(NOW).within("test") == 2
    set_ladder(kind=kind, by=cast.admin, now=NOW, version=0, steps=kind.ladder, within=4)
    assert Terms.current(NOW).within("test") == 4
    with pytest.raises(ladders.WithinOutOfRange):
        set_ladder(kind=kind, by=cast.admin, now=NOW, version=1, steps=kind.ladder, within=61)


def test_the_preview_names_moments_and_people_and_saves_nothing(cast, kind, owe, sign_in):
    owe()
    page = sign_in(cast.admin).post(edit(), sent(rows=ROWS) | {"preview": "1"}).content.decode()
    for words in ("15 Oct 2024, 16:00", "16 Oct 2024, 09:00", "专员C", "主管G"):
        assert words in page
    assert not Ladder.objects.exists()


def test_the_preview_tells_nothing_of_tasks_one_may_not_see(cast, running, sign_in):
    page = sign_in(cast.admin).post(edit("subtask_due"), sent(rows=ROWS) | {"preview": "1"})
    assert page.status_code == 200
    assert "市场调研" not in page.content.decode()
    assert running.title not in page.content.decode()


def test_saving_leads_back_to_the_list_that_says_it(cast, kind, sign_in):
    client = sign_in(cast.admin)
    response = client.post(edit(), sent(rows=ROWS), follow=True)
    assert response.redirect_chain[-1][0] == reverse("deadlines:ladder_list")
    assert [s.line for s in Terms.current(NOW).steps("test")] == [
        "-2h owner",
        "+1w@09:00 owner head",
    ]


def test_the_history_of_a_ladder_is_in_words(cast, kind, sign_in):
    change(cast, kind, "-3d@09:00 owner head")
    text = sign_in(cast.admin).get(edit()).content.decode()
    assert "3 days before, at 09:00: responsible person, department head" in text
    assert "owner head" not in text


def test_a_time_of_day_goes_with_days_only(cast, kind, sign_in):
    response = sign_in(cast.admin).post(edit(), sent(rows=[(2, "h", "-1", "09:00", ["owner"])]))
    assert response.status_code == 422
    assert not Ladder.objects.exists()


def test_the_form_shows_the_ladder_as_it_is(cast, kind, sign_in):
    """Saved unchanged it stays as shipped."""
    page = sign_in(cast.admin).get(edit())
    formset = page.context["steps"]
    rows = [
        tuple(form.initial[name] or "" for name in ("amount", "unit", "side", "at", "roles"))
        for form in formset.initial_forms
    ]
    sign_in(cast.admin).post(edit(), sent(rows=[(row[0] or 0, *row[1:]) for row in rows]))
    assert Terms.current(NOW).steps("test") == kind.ladder


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("-4h", "4 hours before"),
        ("0m", "when it is due"),
        ("0d@09:00", "on the day itself, at 09:00"),
        ("+1w@09:00", "1 working day after, at 09:00"),
        ("-30m", "30 minutes before"),
    ],
)
def test_steps_are_said_in_words(code, words):
    from django.utils import translation

    with translation.override("en"):
        assert when_told(Step.parse(code, "owner")) == words
