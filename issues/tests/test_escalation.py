"""Reported upwards, somebody acknowledges it; if nobody does, the next superior is told (R20)."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import Department, User
from audit.models import Event
from conftest import at, give_head, make_department, make_person
from coordination.celery import app
from coordination.errors import NotAllowed, StageChanged
from deadlines.models import Deadline, Notice
from issues.jobs import pass_up as job
from issues.models import Escalation, Issue
from issues.services import escalation as escalating
from issues.services import recording, reporting, solving
from issues.services.escalation import acknowledge_escalation, pass_up
from issues.tests.conftest import CHECKED, RECORDED, answer, fresh, record, solve
from tasks.models import Task

REPORTED = at("2024-10-13 11:00")
GRACE = dt.timedelta(hours=24)
SECOND = dt.timedelta(seconds=1)
OVER = REPORTED + GRACE + SECOND
"""The first second at which the grace time has passed."""


@pytest.fixture
def line(cast):
    """Above 总监A of 总经办: 总裁P of 集团总部, and above that 董事长Q of 董事会."""
    cast.council = make_department("董事会", "董事会")
    cast.group = make_department("集团总部", "集团", cast.council)
    cast.president = make_person("总裁P", cast.group)
    cast.chairman = make_person("董事长Q", cast.council)
    give_head(cast.group, cast.president)
    give_head(cast.council, cast.chairman)
    Department.objects.filter(pk=cast.board.pk).update(parent=cast.group)
    return cast


def report(issue, by, now=REPORTED):
    return reporting.report_issue(issue=fresh(issue), by=by, now=now)


@pytest.fixture
def reported(line, issue):
    """Told: 经理D and 总监A."""
    return report(issue, line.market_staff)


def told(issue):
    """Who was told, as what, how long after the report."""
    rows = issue.escalations.select_related("person")
    return [(e.person, e.role, e.told_at - REPORTED) for e in rows]


def to(issue, person):
    """The telling to this person."""
    return issue.escalations.get(person=person)


def acknowledge(issue, person, now=REPORTED, by=None, **values):
    return acknowledge_escalation(escalation=to(issue, person), by=by or person, now=now, **values)


def entries(issue, action):
    return Event.objects.about(issue).filter(action=action).order_by("pk")


# Who is told of the report -----------------------------------------------------------------------


def test_the_head_and_the_nearest_senior_manager_are_told_and_nobody_further_up(line, reported):
    now = dt.timedelta(0)
    assert told(reported) == [(line.market_head, "head", now), (line.director, "senior", now)]
    assert [e.department for e in reported.escalations.all()] == [line.market, line.board]


def test_the_mail_leads_each_to_their_own_button(reported):
    for escalation in reported.escalations.all():
        assert escalation.notice.recipient == escalation.person
        assert escalation.notice.link == f"/escalations/{escalation.pk}/acknowledge/"
        assert escalation.notice.event.action == "issue.reported"


def test_whoever_reports_it_knows_it_and_acknowledges_nothing(line, issue):
    reported = report(issue, line.market_head)
    assert [person for person, *_ in told(reported)] == [line.director]
    assert entries(issue, "issue.reported").get().changes["reported_to"] == [[], ["总监A"]]


def test_a_head_who_is_also_the_senior_manager_is_told_once(line, issue):
    give_head(line.board, line.market_head)
    assert told(report(issue, line.market_staff)) == [
        (line.market_head, "head", dt.timedelta(0)),
        (line.president, "senior", dt.timedelta(0)),
    ]


def test_who_has_left_is_not_told_but_the_next_above(line, issue):
    User.objects.filter(pk=line.director.pk).update(is_active=False)
    assert [person for person, *_ in told(report(issue, line.market_staff))] == [
        line.market_head,
        line.president,
    ]


def test_departments_in_a_circle_tell_everybody_once(line, issue):
    Department.objects.filter(pk=line.council.pk).update(parent=line.board)
    report(issue, line.market_staff)
    for day in range(1, 9):
        pass_up(REPORTED + day * (GRACE + SECOND))
    assert len(told(issue)) == 4


# The chain, to the second ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "goes_up"), [(GRACE - SECOND, 0), (GRACE, 0), (GRACE + SECOND, 1)]
)
def test_exactly_24_hours_are_the_superiors_and_a_second_more_is_the_next_ones(
    line, reported, moment, goes_up
):
    assert pass_up(REPORTED + moment) == goes_up
    further = told(reported)[2:]
    assert further == ([(line.president, "next", moment)] if goes_up else [])


def test_each_grace_time_one_more_is_told_until_nobody_is_left(line, reported):
    assert pass_up(OVER) == 1
    assert pass_up(OVER + GRACE) == 0
    assert pass_up(OVER + GRACE + SECOND) == 1
    assert told(reported)[2:] == [
        (line.president, "next", OVER - REPORTED),
        (line.chairman, "next", OVER + GRACE + SECOND - REPORTED),
    ]
    for day in range(3, 30):
        assert pass_up(OVER + day * GRACE) == 0
    # Nothing is looked at any more, but all four are still reminded.
    assert not Issue.objects.to_pass_up(OVER + 999 * GRACE).exists()
    assert Deadline.objects.open().filter(kind="escalation_ack").count() == 4


def test_the_next_superior_is_told_by_the_system_with_the_way_to_the_button(line, reported):
    pass_up(OVER)
    event = entries(reported, "issue.passed_up").get()
    assert (event.actor_id, event.actor_name, event.at) == (None, "", OVER)
    assert event.changes == {"reported_to": [[], ["总裁P"]]}
    notice = Notice.objects.get(event=event)
    assert (notice.recipient, notice.created_at) == (line.president, OVER)
    assert notice.link == to(reported, line.president).get_absolute_url()


def test_three_days_without_a_run_tell_one_superior_who_has_the_whole_grace_time(line, reported):
    late = REPORTED + 4 * GRACE
    assert pass_up(late) == 1
    assert pass_up(late + GRACE) == 0
    assert pass_up(late + GRACE + SECOND) == 1


def test_a_late_report_begins_the_chain_when_it_is_made(line, issue):
    late = REPORTED + 5 * GRACE
    report(issue, line.market_staff, now=late)
    assert pass_up(late + GRACE) == 0
    assert pass_up(late + GRACE + SECOND) == 1


def test_runs_that_follow_each_other_tell_nobody_twice(reported):
    assert [pass_up(OVER) for _ in range(3)] == [1, 0, 0]
    assert entries(reported, "issue.passed_up").count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_moment_tell_each_superior_once(line, running):
    issues = [report(record(line, running), line.market_staff) for _ in range(5)]

    def one(_):
        try:
            return pass_up(OVER)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as workers:
        assert sum(workers.map(one, range(6))) == 5
    for issue in issues:
        assert [person for person, *_ in told(issue)][2:] == [line.president]
        assert entries(issue, "issue.passed_up").count() == 1
    assert Notice.objects.filter(event__action="issue.passed_up").count() == 5


def test_what_waits_longest_goes_first_and_the_rest_with_the_next_run(line, running, monkeypatch):
    monkeypatch.setattr(escalating, "AT_MOST", 2)
    newest_first = [
        report(record(line, running), line.market_staff, now=REPORTED + hour * SECOND)
        for hour in (3, 2, 1)
    ]
    moment = OVER + 10 * SECOND
    assert pass_up(moment) == 2
    assert len(told(newest_first[0])) == 2
    assert pass_up(moment) == 1


# Acknowledging -----------------------------------------------------------------------------------


def test_an_issue_that_cannot_be_told_holds_up_no_other(line, running, monkeypatch):
    first, second = (report(record(line, running), line.market_staff) for _ in range(2))
    who_is_next = escalating.next_superior

    def breaks_for_the_first(issue, told):
        if issue.pk == first.pk:
            raise RuntimeError
        return who_is_next(issue, told)

    monkeypatch.setattr(escalating, "next_superior", breaks_for_the_first)
    assert pass_up(OVER) == 1
    assert len(told(second)) == len(told(first)) + 1


@pytest.mark.parametrize("who", ["market_head", "director"])
def test_one_acknowledgement_is_enough_and_the_other_still_owes_theirs(line, reported, who):
    acknowledge(reported, getattr(line, who), now=REPORTED + GRACE)
    assert pass_up(OVER) == 0
    owes = Deadline.objects.open().get(kind="escalation_ack")
    assert {owes.owner, getattr(line, who)} == {line.market_head, line.director}


def test_both_acknowledge_and_nothing_is_owed(line, reported):
    for person in (line.market_head, line.director):
        acknowledge(reported, person, note="已阅")
    assert pass_up(OVER) == 0
    done = Deadline.objects.filter(kind="escalation_ack")
    assert {duty.settled_how for duty in done} == {"done"}
    assert [e.note for e in reported.escalations.all()] == ["已阅", "已阅"]


def test_an_acknowledgement_stands_in_the_history_and_is_told_to_who_works_on_it(line, running):
    of_sales = {"department": line.sales, "owner": line.sales_staff}
    issue = report(record(line, running, by=line.sales_staff, **of_sales), line.sales_staff)
    acknowledge(issue, line.director, now=CHECKED, note="明早开会")
    event = entries(issue, "issue.acknowledged").get()
    assert (event.actor_name, event.at) == ("总监A", CHECKED)
    assert event.changes == {"note": ["", "明早开会"]}
    recipients = {n.recipient for n in Notice.objects.filter(event=event)}
    assert recipients == {line.market_head, line.sales_staff}


def test_a_second_acknowledgement_is_told_kindly_and_leaves_no_second_entry(line, reported):
    first = acknowledge(reported, line.director)
    with pytest.raises(escalating.AlreadyAcknowledged):
        acknowledge(reported, line.director, now=CHECKED, note="再次")
    assert entries(reported, "issue.acknowledged").count() == 1
    again = to(reported, line.director)
    assert (again.acknowledged_at, again.note) == (first.acknowledged_at, "")


def test_only_whoever_was_told_acknowledges(line, reported):
    everybody = [p for p in vars(line).values() if isinstance(p, User)]
    for person in everybody:
        if person == line.director:
            continue
        with pytest.raises(NotAllowed):
            acknowledge(reported, line.director, by=person)
    assert not entries(reported, "issue.acknowledged")
    assert acknowledge(reported, line.director).acknowledged_at == REPORTED


@pytest.mark.django_db(transaction=True)
def test_acknowledged_while_a_worker_passes_it_up_is_one_or_the_other(line, running):
    """Whoever comes first: no superior is told after an acknowledgement."""
    issue = report(record(line, running), line.market_staff)

    def act(run):
        try:
            return run()
        finally:
            connection.close()

    runs = [lambda: acknowledge(issue, line.director, now=OVER), *[lambda: pass_up(OVER)] * 3]
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(act, runs))
    first = Event.objects.about(issue).filter(action__in=["issue.acknowledged", "issue.passed_up"])
    further_up = len(told(issue)) - 2
    assert [e.action for e in first.order_by("pk")][further_up] == "issue.acknowledged"
    assert pass_up(OVER + 9 * GRACE) == 0


# What ends it ------------------------------------------------------------------------------------


def test_a_closed_issue_goes_no_further_and_is_acknowledged_by_nobody(line, reported):
    issue = answer(line, solve(line, reported))
    solving.close_issue(issue=issue, by=line.market_head, now=CHECKED)
    assert pass_up(OVER + 9 * GRACE) == 0
    with pytest.raises(StageChanged):
        acknowledge(reported, line.director, now=CHECKED)
    how = Deadline.objects.filter(kind="escalation_ack").values_list("settled_how", flat=True)
    assert set(how) == {"cancelled"}


def test_a_returned_solution_leaves_the_chain_as_it_was(line, reported):
    issue = answer(line, solve(line, reported))
    step = {"next_step": "补送", "next_date": dt.date(2024, 10, 19)}
    solving.return_issue(issue=issue, by=line.market_head, now=CHECKED, reason="仍缺", **step)
    assert pass_up(OVER) == 1


@pytest.mark.parametrize("stage", ["archived", "cancelled"])
def test_an_ended_task_goes_no_further_and_is_looked_at_once(line, reported, stage):
    Task.objects.filter(pk=reported.task_id).update(stage=stage, ended_at=CHECKED)
    Deadline.objects.open().update(settled_at=CHECKED, settled_how="cancelled")
    assert pass_up(OVER) == 0
    assert len(told(reported)) == 2
    assert not Issue.objects.to_pass_up(OVER).exists()
    with pytest.raises(StageChanged):
        acknowledge(reported, line.director, now=CHECKED)


def grade(line, issue, needs_others, now):
    return recording.grade_issue(
        issue=issue,
        by=line.market_staff,
        now=now,
        version=fresh(issue).version,
        needs_other_departments=needs_others,
        affects_finish=False,
        reason="重新判断",
    )


def test_graded_general_nobody_owes_anything_and_back_the_chain_goes_on_where_it_stood(
    line, reported
):
    grade(line, reported, False, REPORTED + SECOND)
    assert not Deadline.objects.open().filter(kind="escalation_ack").exists()
    assert pass_up(OVER) == 0
    with pytest.raises(StageChanged):
        acknowledge(reported, line.director, now=OVER)
    grade(line, reported, True, OVER)
    assert Deadline.objects.open().filter(kind="escalation_ack").count() == 2
    assert pass_up(OVER) == 1
    assert [person for person, *_ in told(reported)][2:] == [line.president]
    # It was reported once, and is not to be reported again.
    assert entries(reported, "issue.reported").count() == 1
    assert not fresh(reported).must_report


def test_an_acknowledgement_outlives_a_new_grade(line, reported):
    acknowledge(reported, line.director)
    grade(line, reported, False, REPORTED + SECOND)
    grade(line, reported, True, REPORTED + 2 * SECOND)
    assert pass_up(OVER) == 0


def test_a_person_who_leaves_after_being_told_does_not_hold_it_up(line, reported):
    User.objects.filter(pk=line.director.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        acknowledge(reported, line.director, by=User.objects.get(pk=line.director.pk))
    assert pass_up(OVER) == 1


def test_a_next_superior_who_has_left_is_passed_over(line, reported):
    User.objects.filter(pk=line.president.pk).update(is_active=False)
    assert pass_up(OVER) == 1
    assert [person for person, *_ in told(reported)][2:] == [line.chairman]


def test_a_new_head_between_them_is_told_as_the_next_superior(line, reported):
    successor = make_person("总监B", line.board)
    give_head(line.board, successor)
    assert pass_up(OVER) == 1
    assert told(reported)[2:] == [(successor, "next", OVER - REPORTED)]


def test_a_report_made_up_for_after_closing_is_told_and_owes_nothing(line, answered):
    solving.close_issue(issue=answered, by=line.market_head, now=CHECKED)
    issue = report(answered, line.market_staff, now=CHECKED)
    assert [person for person, *_ in told(issue)] == [line.market_head, line.director]
    assert not Deadline.objects.open().of(issue.escalations.first()).exists()
    assert pass_up(CHECKED + 9 * GRACE) == 0


def test_without_anybody_above_nobody_is_told_and_nothing_waits(line, issue):
    Department.objects.filter(pk=line.market.pk).update(head=None, parent=None)
    assert not told(report(issue, line.market_staff))
    assert not Issue.objects.to_pass_up(OVER).exists()


def test_a_general_issue_never_goes_up(line, running):
    record(line, running, needs_other_departments=False, report=True)
    assert not Escalation.objects.exists()
    assert pass_up(OVER + 9 * GRACE) == 0


def test_recording_and_reporting_in_one_breath_begins_the_chain(line, running):
    issue = record(line, running, report=True)
    assert [person for person, *_ in told(issue)] == [line.market_head, line.director]
    assert fresh(issue).pass_up_at == RECORDED + GRACE


# Who runs it -------------------------------------------------------------------------------------


def test_the_worker_runs_it_every_minute(line, reported):
    assert job() == {"told": 1}
    entry = app.conf.beat_schedule["pass_up"]
    assert (entry["task"], entry["options"]) == ("issues.jobs.pass_up", {"expires": 55})


def test_by_hand_it_can_say_first_what_it_would_do(line, reported, capsys):
    call_command("pass_up", dry_run=True)
    assert "总裁P <总裁P@example.com>" in capsys.readouterr().out
    assert len(told(reported)) == 2
    call_command("pass_up")
    assert capsys.readouterr().out == "1 superiors told\n"
    assert len(told(reported)) == 3


def test_a_run_with_nothing_to_do_costs_one_statement(line, reported, django_assert_num_queries):
    acknowledge(reported, line.director)
    with django_assert_num_queries(1):
        assert pass_up(OVER + 9 * GRACE) == 0


# The database is the last line -------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken", [{"person": None}, {"role": "nonsense"}, {"note": "已阅"}, {"told_at": None}], ids=str
)
def test_the_database_takes_no_telling_without_whom_when_and_as_what(line, reported, broken):
    whole = {
        "issue": reported,
        "person": line.president,
        "department": line.group,
        "role": "next",
        "told_at": OVER,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.create(**(whole | broken))
    with pytest.raises(IntegrityError), transaction.atomic():
        Escalation.objects.create(**(whole | {"person": line.director}))
