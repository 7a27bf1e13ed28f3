"""Records administrators search the whole history; nobody learns from it what is not theirs."""

import csv
import io
import itertools

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit import history
from audit.models import Event, Seal
from audit.seals import seal_new
from conftest import at, make_department
from coordination.trail import export
from coordination.trail.search import EXPORTED, INSIDE
from tasks.models import Task
from tasks.services import drafting

PAGE, EXPORT = reverse("trail:search"), reverse("trail:export")
NOW = at("2024-10-05 14:00")


@pytest.fixture
def found(sign_in, cast):
    """`found(records, task="…")`: (action, subject) of the entries found, the newest first."""

    def _found(person, /, **query):
        entries = sign_in(person).get(PAGE, query).context["entries"]
        return [(entry.event.action, entry.event.subject_label) for entry in entries]

    return _found


@pytest.fixture
def taken(sign_in, cast):
    """`taken(records, "csv", task="…")`: the rows of the file."""

    def _taken(person, suffix="csv", /, **query):
        address = reverse("trail:export", query=query)
        answer = sign_in(person).post(address, {"format": suffix})
        assert answer.status_code == 200
        if suffix == "csv":
            return [*csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))]
        sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
        return [list(row) for row in sheet.values]

    return _taken


def actions(entries):
    return {action for action, _subject in entries}


def edit(thing, by, number=1, *, now=NOW, **more):
    return [
        history.record(thing, "department.edited", by=by, now=now, **more) for _n in range(number)
    ]


# Finding ----------------------------------------------------------------------------------------


def test_the_newest_stands_first_with_old_and_new_and_reason(running, cast, sign_in):
    changes = {"name": ("市场部", "品牌部")}
    edit(cast.market, cast.admin, now=timezone.now(), changes=changes, reason="改组")
    text = sign_in(cast.records).get(PAGE).content.decode()
    assert text.index("<del>市场部</del> <ins>品牌部</ins>") < text.index("Q4新品上市推广项目")
    assert "改组" in text


@pytest.mark.parametrize("words", ["2024-市场-001", "新品上市"])
def test_all_of_a_task_by_number_or_name(running, cast, found, words):
    edit(cast.market, cast.admin)
    entries = found(cast.records, task=words)
    assert len(entries) == Event.objects.of_task(running.pk).count()
    assert found(cast.records, task="没有这项") == []


def test_all_of_a_person_whatever_they_were_called_then(running, cast, found):
    mine = Event.objects.filter(actor_id=cast.market_head.pk).count()
    cast.market_head.name = "经理丁"
    cast.market_head.save()
    assert len(found(cast.records, person="丁")) == mine
    assert len(found(cast.records, person=cast.market_head.username)) == mine


def test_all_of_somebody_whom_nobody_knows_any_more(cast, found):
    former = cast.outsider
    edit(cast.market, former)
    former.memberships.all().delete()
    former.delete()
    assert len(found(cast.records, person="会计K")) == 1


def test_what_the_system_did_by_itself(cast, found):
    edit(cast.market, None)
    edit(cast.market, cast.admin)
    entries = found(cast.records, person="the system", action="department.edited")
    assert len(entries) == 1


@pytest.mark.parametrize(
    ("since", "until", "number"),
    [
        ("2024-10-05", "", 2),
        ("2024-10-06", "", 1),
        ("", "2024-10-05", 1),
        ("2024-10-05", "2024-10-05", 1),
        ("2024-10-07", "", 0),
    ],
)
def test_days_are_those_of_the_organisation(cast, found, since, until, number):
    edit(cast.market, cast.admin, now=at("2024-10-05 00:00"))
    edit(cast.market, cast.admin, now=at("2024-10-06 00:00"))
    query = {"action": "department.edited", "since": since, "until": until}
    assert len(found(cast.records, **query)) == number


def test_by_action_by_kind_and_by_words(running, cast, found):
    edit(cast.market, cast.admin)
    assert found(cast.records, action="task.confirm") == [("task.confirm", str(running))]
    assert found(cast.records, subject_type="accounts.department") == [
        ("department.edited", "市场部")
    ]
    assert actions(found(cast.records, words="渠道铺设")) == {"subtask.taken_on"}


def test_filters_narrow_each_other(running, cast, found):
    assert found(cast.records, person="经理D", action="task.confirm", words="新品")
    assert not found(cast.records, person="专员H", action="task.confirm")


def test_what_cannot_be_read_narrows_to_nothing_and_says_so(running, cast, sign_in):
    answer = sign_in(cast.records).get(PAGE, {"since": "gestern"})
    assert answer.context["entries"] == []
    assert "Enter a valid date." in answer.content.decode()


def test_pages_go_on_where_they_ended_even_within_one_moment(cast, sign_in):
    written = edit(cast.market, cast.admin, 120)
    client, seen, after = sign_in(cast.records), [], ""
    while after is not None:
        query = {"action": "department.edited", "after": after}
        page = client.get(PAGE, query).context
        seen += [entry.event.pk for entry in page["entries"]]
        after = page["after"]
    assert seen == [event.pk for event in reversed(written)]


# Words and links --------------------------------------------------------------------------------


def test_an_entry_leads_to_its_thing_and_its_task(running, cast, sign_in):
    subtask = running.subtasks.get(name="渠道铺设")
    text = sign_in(cast.records).get(PAGE, {"words": "渠道铺设"}).content.decode()
    assert f'href="{subtask.get_absolute_url()}"' in text
    assert f'href="{running.get_absolute_url()}"' in text


def test_history_outlives_what_it_is_about(cast, sign_in):
    gone = make_department("临时部", "临时")
    edit(gone, cast.admin, reason="试办")
    link = reverse("accounts:department_detail", args=[gone.pk])
    gone.delete()
    text = sign_in(cast.records).get(PAGE, {"words": "临时部"}).content.decode()
    assert "试办" in text
    assert "管理员" in text
    assert link not in text


# What nobody learns -----------------------------------------------------------------------------


@pytest.fixture
def confidential(running):
    Task.objects.filter(pk=running.pk).update(is_confidential=True)
    return running


@pytest.fixture
def others_draft(cast):
    return drafting.create_draft(
        department=cast.market, by=cast.market_head, now=NOW, title="新品秘密计划"
    )


PROBES = [
    {},
    {"task": "新品"},
    {"task": "2024-市场-001"},
    {"person": "经理D"},
    {"words": "新品"},
    {"action": "task.created"},
    {"subject_type": "tasks.task"},
    {"since": "2024-01-01"},
    {"after": "2100-01-01 00:00:00+00:00~999999"},
]


@pytest.mark.parametrize("query", PROBES, ids=str)
def test_a_confidential_task_is_in_no_answer(confidential, cast, found, taken, query):
    assert not any(action.startswith("task.") for action in actions(found(cast.records, **query)))
    assert "新品" not in str(taken(cast.records, **query)[2:])


@pytest.mark.parametrize("query", PROBES, ids=str)
def test_a_draft_of_others_is_in_no_answer(others_draft, cast, found, taken, query):
    assert not any(action.startswith("task.") for action in actions(found(cast.records, **query)))
    assert "秘密" not in str(taken(cast.records, **query)[2:])


@pytest.mark.parametrize("query", PROBES, ids=str)
def test_system_administrators_see_nothing_of_any_task(running, cast, found, taken, query):
    assert not any(
        action.partition(".")[0] in INSIDE for action in actions(found(cast.admin, **query))
    )
    assert "新品" not in str(taken(cast.admin, **query)[2:])


def test_system_administrators_see_people_departments_and_settings(cast, found):
    edit(cast.market, cast.admin)
    assert ("department.edited", "市场部") in found(cast.admin)
    history.record(cast.outsider, "person.edited", by=cast.admin, now=NOW)
    assert ("person.edited", "会计K") in found(cast.admin)


def test_what_others_exported_and_sought_is_for_records_administrators(running, cast, found, taken):
    taken(cast.records, task="2024-市场-001")
    assert EXPORTED in actions(found(cast.records))
    assert EXPORTED not in actions(found(cast.admin))


# Taking it along --------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_file_holds_what_the_page_shows(running, cast, found, taken, suffix):
    rows = taken(cast.records, suffix, task="2024-市场-001")
    entries = found(cast.records, task="2024-市场-001")
    body = [row for row in rows if str(row[0]).isdigit()]
    assert [row[6] for row in body] == [subject for _action, subject in entries]
    assert {row[7] for row in body} == {"2024-市场-001"}


def test_a_file_says_what_it_holds_and_under_which_seal(running, cast, taken):
    title = taken(cast.records, person="经理D")[0][0]
    assert "Person: 经理D" in title
    assert f"Last seal: {Seal.objects.first()}" in title
    assert "As seen by: 档案员" in title


def test_taking_it_is_written_into_the_history(running, cast, taken):
    rows = taken(cast.records, "xlsx", person="经理D")
    event = Event.objects.get(action=EXPORTED)
    assert (event.actor_name, event.subject_label) == ("档案员", str(Seal.objects.first()))
    assert event.changes == {
        "chosen": [None, ["Person: 经理D"]],
        "format": [None, "xlsx"],
        "rows": [None, len(rows) - 3],
    }


def test_a_file_is_not_taken_by_opening_an_address(cast, sign_in):
    assert sign_in(cast.records).get(EXPORT).status_code == 405


@pytest.mark.parametrize(
    "words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠A"]
)
def test_no_file_carries_a_formula(cast, taken, words):
    edit(cast.market, cast.admin, reason=words)
    cast.records.name = words.strip()
    cast.records.save()
    [cell] = [row[9] for row in taken(cast.records, action="department.edited")[2:]]
    assert cell.startswith("'")
    book = taken(cast.records, "xlsx", action="department.edited")
    assert book[3][9].strip() == words.strip()


def test_a_file_ends_somewhere_and_says_so(cast, taken, monkeypatch):
    monkeypatch.setattr(export, "AT_MOST", 2)
    edit(cast.market, cast.admin, 3)
    rows = taken(cast.records, action="department.edited")
    assert len(rows[2:]) == 2
    assert "The newest 2 entries only" in rows[0][0]


def test_a_file_costs_the_same_statements_however_long(running, cast, sign_in):
    client = sign_in(cast.records)

    def cost():
        seal_new(NOW)
        with CaptureQueriesContext(connection) as asked:
            client.post(EXPORT, {"format": "csv"})
        return len(asked)

    few = cost()
    edit(cast.market, cast.admin, 60)
    assert cost() == few


def test_a_page_costs_the_same_however_many_kinds_of_rows(running, cast, sign_in):
    client = sign_in(cast.records)

    def cost():
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGE)
        return len(asked)

    edit(cast.market, cast.admin)
    edit(cast.admin, cast.admin)
    few = cost()
    for thing, _n in itertools.product([cast.market, cast.sales_head, running], range(10)):
        edit(thing, cast.admin)
    assert cost() == few <= 20


def test_without_any_seal_nothing_is_taken(cast, sign_in, monkeypatch):
    monkeypatch.setattr("coordination.trail.views.seal_new", lambda now: 0)
    answer = sign_in(cast.records).post(EXPORT, follow=True)
    assert "The history has no seal yet" in answer.content.decode()


def test_the_way_there_is_shown_to_those_who_may_go(cast, sign_in):
    for person, may in [(cast.records, True), (cast.admin, True), (cast.market_head, False)]:
        assert (f'href="{PAGE}"' in sign_in(person).get("/").content.decode()) is may
