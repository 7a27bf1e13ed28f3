"""The pages of stages 1 to 3 as people use them."""

import datetime as dt

import pytest
from django.urls import reverse

from conftest import at
from coordination.pages import PAGE_SIZE
from tasks.choices import Answer, Stage
from tasks.models import Subtask, Task
from tasks.services import assignment, support

NAMES = ("targets", "work_items", "resources", "risks")


def form_of(task, **changes):
    """The draft's form as a browser without script would send it back."""
    data = {
        "version": task.version,
        "title": task.title,
        "background": task.background,
        "goal": task.goal,
        "expected_result": task.expected_result,
        "start_date": task.start_date or "",
        "end_date": task.end_date or "",
        "departments": [c.department_id for c in task.collaborations.all()],
    }
    fields = {
        "targets": ("id", "metric", "number", "unit", "date"),
        "work_items": ("id", "name"),
        "resources": ("id", "kind", "description"),
        "risks": ("id", "description", "response"),
    }
    for name in NAMES:
        rows = list(getattr(task, name).values(*fields[name]))
        data |= {f"{name}-TOTAL_FORMS": len(rows), f"{name}-INITIAL_FORMS": len(rows)}
        for index, row in enumerate(rows):
            data |= {f"{name}-{index}-{k}": "" if v is None else v for k, v in row.items()}
            data[f"{name}-{index}-ORDER"] = index + 1
    return data | changes


def test_a_new_task_starts_as_a_draft_of_ones_own_department(cast, sign_in):
    client = sign_in(cast.market_head)
    page = client.get(reverse("tasks:task_create"))
    assert page.context["form"].initial == {}
    answer = client.post(
        reverse("tasks:task_create"), {"title": "新品", "department": cast.market.pk}
    )
    task = Task.objects.get()
    assert answer.url == reverse("tasks:task_edit", args=[task.pk])


def test_a_target_stands_in_the_form_as_it_was_typed(cast, draft, sign_in):
    draft.targets.update(number="30.000")
    page = sign_in(cast.market_head).get(reverse("tasks:task_edit", args=[draft.pk]))
    assert 'name="targets-0-number" value="30"' in page.content.decode()


def test_whoever_may_not_open_tasks_is_told_whom_to_ask(cast, sign_in):
    page = sign_in(cast.sales_staff).get(reverse("tasks:task_create"))
    assert "Ask your head to name you" in page.content.decode()


def test_another_departments_task_cannot_be_opened_by_a_forged_form(cast, sign_in):
    answer = sign_in(cast.market_head).post(
        reverse("tasks:task_create"), {"title": "新品", "department": cast.sales.pk}
    )
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_autosave_answers_with_the_version_and_the_ids_of_new_rows(cast, draft, sign_in):
    data = form_of(draft, goal="首月销售额600万元")
    data |= {"work_items-TOTAL_FORMS": 4, "work_items-3-name": "宣传物料制作"}
    url = reverse("tasks:task_autosave", args=[draft.pk])
    client = sign_in(cast.market_head)
    answer = client.post(url, data)
    assert answer.status_code == 200
    new = draft.work_items.get(name="宣传物料制作")
    assert answer.json()["rows"]["work_items-3-id"] == new.pk
    assert answer.json()["version"] == draft.version + 1
    again = data | {"version": answer.json()["version"], "work_items-3-id": new.pk}
    assert client.post(url, again).json()["version"] == draft.version + 1
    assert draft.work_items.count() == 4


def test_autosave_of_a_stale_draft_is_told_and_changes_nothing(cast, draft, sign_in):
    url = reverse("tasks:task_autosave", args=[draft.pk])
    client = sign_in(cast.market_head)
    client.post(url, form_of(draft, goal="第一个"))
    answer = client.post(url, form_of(draft, goal="第二个"))
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.goal == "第一个"


def test_autosave_names_the_fields_it_could_not_read(cast, draft, sign_in):
    answer = sign_in(cast.market_head).post(
        reverse("tasks:task_autosave", args=[draft.pk]),
        form_of(draft, end_date="2024-09-01", **{"targets-0-number": "五百"}),
    )
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"end_date", "targets-0-number"}


def test_a_stale_save_shows_who_changed_what_and_keeps_what_was_typed(cast, draft, sign_in):
    client = sign_in(cast.market_head)
    url = reverse("tasks:task_edit", args=[draft.pk])
    mine = form_of(draft, goal="我写的目标3项")
    client.post(url, form_of(draft, goal="别人写的目标2项"))
    page = client.post(url, mine)
    assert page.status_code == 409
    text = page.content.decode()
    assert "别人写的目标2项" in text
    assert "我写的目标3项" in text
    current = page.context["form"]["version"].value()
    assert client.post(url, mine | {"version": current}).status_code == 302
    draft.refresh_from_db()
    assert draft.goal == "我写的目标3项"


def test_a_row_sent_twice_is_refused_with_a_message(cast, draft, sign_in):
    data = form_of(draft)
    data |= {"work_items-1-id": data["work_items-0-id"]}
    url = reverse("tasks:task_autosave", args=[draft.pk])
    assert sign_in(cast.market_head).post(url, data).status_code == 422
    assert draft.work_items.count() == 3


def test_of_two_people_answering_for_a_department_the_later_is_told(cast, consulted, sign_in):
    """R7: the head and a contact may both answer; nobody overwrites what they have not seen."""
    asked = consulted.collaborations.get(department=cast.research)
    url = reverse("tasks:consult_answer", args=[asked.pk])
    seen = sign_in(cast.research_head).get(url).context["form"]["version"].value()
    read = {"version": seen, "seen": consulted.version}
    accepted = read | {"answer": "accepted"}
    declined = read | {"answer": "declined", "comment": "十月无人手"}
    assert sign_in(cast.research_head).post(url, accepted).status_code == 302
    page = sign_in(cast.research_contact).post(url, declined)
    assert (page.status_code, len(page.context["conflict"].events)) == (409, 1)
    asked.refresh_from_db()
    assert (asked.answer, asked.answered_by) == ("accepted", cast.research_head)


def test_of_two_people_answering_about_support_the_later_is_told(cast, running, sign_in):
    request = support.ask_support(
        subtask=running.subtasks.get(department=cast.sales),
        department=cast.research,
        what="培训材料",
        needed_by=dt.date(2024, 10, 8),
        by=cast.sales_staff,
        now=at("2024-10-03 09:00"),
    )
    url = reverse("tasks:support_answer", args=[request.pk])
    seen = sign_in(cast.research_head).get(url).context["form"]["version"].value()
    declined = {"answer": "declined", "words": "排满", "version": seen}
    assert sign_in(cast.research_head).post(url, declined).status_code == 302
    late = {"answer": "accepted", "version": seen}
    assert sign_in(cast.research_contact).post(url, late).status_code == 409
    request.refresh_from_db()
    assert request.state == "declined"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "长" * 201),
        ("background", "长" * 4001),
        ("goal", "a\x00b"),
        ("start_date", "2024-13-40"),
        ("targets-0-number", "9" * 30),
        ("targets-0-unit", "长" * 31),
        ("work_items-0-id", "99999999999999999999"),
        ("resources-0-kind", "gold"),
        ("version", "x"),
    ],
)
def test_bad_input_is_named_at_its_place_and_nothing_typed_is_lost(
    cast, draft, sign_in, field, value
):
    page = sign_in(cast.market_head).post(
        reverse("tasks:task_edit", args=[draft.pk]),
        form_of(draft, expected_result="没有丢", **{field: value}),
    )
    assert page.status_code == 422
    text = page.content.decode()
    assert "没有丢" in text
    assert "invalid-feedback" in text or "alert-danger" in text


def test_a_form_that_comes_back_says_at_its_head_that_nothing_is_saved(cast, draft, sign_in):
    page = reverse("tasks:task_edit", args=[draft.pk])
    wrong = form_of(draft, **{"targets-0-number": "many"})
    assert "Please see to what is marked" in sign_in(cast.market_head).post(page, wrong).text
    assert "Please see to what is marked" not in sign_in(cast.market_head).get(page).text


@pytest.mark.out_of_step
def test_opening_the_assignment_asks_while_a_department_has_not_answered(cast, consulted, sign_in):
    client = sign_in(cast.market_head)
    question = "Not answered yet: 销售部, 研发部. Open the assignment all the same?"
    assert question in client.get(consulted.get_absolute_url()).text
    consulted.collaborations.update(answer=Answer.ACCEPTED)
    assert "all the same?" not in client.get(consulted.get_absolute_url()).text


def test_text_that_looks_like_code_stays_text(cast, draft, sign_in):
    client = sign_in(cast.market_head)
    hostile = "<script>alert(1)</script>{{7*7}}"
    client.post(
        reverse("tasks:task_edit", args=[draft.pk]),
        form_of(draft, title=hostile, goal=hostile),
    )
    text = client.get(draft.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in text


def test_what_is_missing_is_listed_before_submission(cast, draft, sign_in):
    draft.targets.all().delete()
    client = sign_in(cast.market_head)
    url = reverse("tasks:task_submit", args=[draft.pk])
    assert [field for field, _text in client.get(url).context["problems"]] == ["targets"]
    assert client.post(url).status_code == 422
    draft.refresh_from_db()
    assert draft.stage == Stage.DRAFT


def test_vague_words_are_marked_while_typing(cast, sign_in):
    page = sign_in(cast.market_head).post(reverse("tasks:wording"), {"goal": "请尽快<b>完成"})
    assert '请<mark class="vague">尽快</mark>&lt;b&gt;完成' in page.content.decode()


def test_a_revision_asks_for_the_reason(cast, running, sign_in):
    client = sign_in(cast.market_head)
    url = reverse("tasks:task_revise", args=[running.pk])
    assert client.post(url, form_of(running, goal="首月600万元", reason="")).status_code == 422
    assert client.post(url, form_of(running, goal="首月600万元", reason="上调")).status_code == 302
    history = client.get(reverse("tasks:task_history", args=[running.pk])).content.decode()
    assert "首月600万元" in history
    assert "上调" in history


def test_taking_on_offers_only_people_of_the_department(cast, assigning, sign_in):
    item = assigning.work_items.first()
    client = sign_in(cast.sales_head)
    url = f"{reverse('tasks:take_on', args=[item.pk])}?department={cast.sales.pk}"
    owners = client.get(url).context["form"].fields["owner"].queryset
    assert set(owners) == {cast.sales_head, cast.sales_staff}
    promise = {
        "name": "门店",
        "goal": "20家",
        "owner": cast.market_staff.pk,
        "start_date": "2024-10-01",
        "due_date": "2024-10-15",
    }
    assert client.post(url, promise).status_code == 422
    assert client.post(url, promise | {"owner": cast.sales_staff.pk}).status_code == 302
    assert Subtask.objects.get().owner == cast.sales_staff


def test_a_department_cannot_take_on_for_another(cast, assigning, sign_in):
    item = assigning.work_items.first()
    url = f"{reverse('tasks:take_on', args=[item.pk])}?department={cast.market.pk}"
    assert sign_in(cast.sales_head).get(url).status_code == 403


def test_the_confirm_button_waits_for_full_coverage(cast, assigning, sign_in):
    page = sign_in(cast.market_head).get(reverse("tasks:assignment", args=[assigning.pk]))
    assert page.context["coverage"].gaps
    assert "disabled" in page.content.decode()


def test_finished_is_one_button_with_one_effect(cast, running, sign_in):
    subtask = running.subtasks.get(department=cast.sales)
    client = sign_in(cast.sales_staff)
    url = reverse("tasks:subtask_finish", args=[subtask.pk])
    assert client.get(url).status_code == 405
    for _click in range(2):
        assert client.post(url).status_code == 302
    subtask.refresh_from_db()
    assert subtask.state == "done"


def test_the_list_is_searched_and_narrowed(cast, running, sign_in):
    client = sign_in(cast.market_head)
    url = reverse("tasks:task_list")
    for query, found in (
        ("", True),
        ("?q=新品", True),
        ("?q=2024-市场", True),
        ("?q=没有", False),
        (f"?stage={Stage.EXECUTION}", True),
        (f"?stage={Stage.DRAFT}", False),
        ("?mine=owner", False),
        ("?mine=initiator", True),
        (f"?department={cast.sales.pk}", False),
    ):
        assert (running in client.get(url + query).context["tasks"]) is found, query


def test_older_tasks_are_one_page_further(cast, sign_in):
    Task.objects.bulk_create(
        Task(
            title=f"任务{n}",
            department=cast.market,
            initiator=cast.market_head,
            created_at=at("2024-01-01"),
        )
        for n in range(PAGE_SIZE + 1)
    )
    client = sign_in(cast.market_head)
    first = client.get(reverse("tasks:task_list"))
    assert len(first.context["tasks"]) == PAGE_SIZE
    second = client.get(reverse("tasks:task_list"), {"before": first.context["before"]})
    assert [t.title for t in second.context["tasks"]] == ["任务0"]


@pytest.mark.parametrize("page", ["tasks:task_list", "tasks:task_detail", "tasks:assignment"])
def test_pages_cost_the_same_with_3_and_with_30_rows(
    cast, running, sign_in, page, django_assert_max_num_queries
):
    """Session, person, organisation, standing (3), then the page's own reads; never one per row."""
    args = [] if page == "tasks:task_list" else [running.pk]
    client = sign_in(cast.market_head)
    client.get(reverse(page, args=args))
    with django_assert_max_num_queries(20) as few:
        client.get(reverse(page, args=args))
    _grow(cast, running)
    with django_assert_max_num_queries(len(few)):
        client.get(reverse(page, args=args))


def _grow(cast, running):
    for n in range(27):
        item = running.work_items.create(position=n + 10, name=f"环节{n}")
        assignment.take_on_work_item(
            work_item=item,
            department=cast.sales,
            by=cast.sales_head,
            now=at("2024-10-02 09:00"),
            name=f"子任务{n}",
            goal="10家",
            owner=cast.sales_staff,
            start_date=dt.date(2024, 10, 1),
            due_date=dt.date(2024, 10, 15),
        )
        Task.objects.create(
            title=f"任务{n}",
            department=cast.market,
            initiator=cast.market_head,
            created_at=at("2024-01-01"),
        )
