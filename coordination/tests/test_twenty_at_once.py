"""The worked example once more, every form of it sent twenty times at the same moment.

Each step is sent from one open page, or from two (ten times each) where only the first may have
an effect even so. However it is sent, it leaves the history entries of one act.
"""

import datetime as dt
import threading
import uuid
from dataclasses import dataclass

import pytest
from django.db import connections
from django.db.models import F, Model
from django.test import Client
from django.urls import reverse

from audit.models import Event
from communications.models import ActionItem, Communication
from conftest import make_cast
from coordination.tests.html_forms import Form, Input, forms_of
from issues.models import Escalation, Issue
from tasks.models import Collaboration, Subtask, SupportRequest, Task, WorkItem

TIMES = 20
ONE_PAGE, TWO_PAGES = 1, 2
# Done or led on, changed meanwhile, refused; signatures are tries of a password, ten at most.
ANSWERS = {302, 409, 422, 429}
TALKS = "communications:communication"
ACKNOWLEDGE = "issues:escalation_acknowledge"
RECORDED = ["issue.recorded", "issue.reported"]


@dataclass(frozen=True)
class Step:
    """Who sends the form at which address about the newest of what; what the history then says."""

    person: str
    name: str
    about: type[Model] | None
    events: list[str]
    pages: int = TWO_PAGES


STEPS = [
    Step("market_head", "tasks:task_create", None, ["task.created"], ONE_PAGE),
    Step("market_head", "tasks:task_edit", Task, ["task.saved"]),
    Step("market_head", "tasks:task_submit", Task, ["task.submit"]),
    Step("sales_head", "tasks:consult_answer", Collaboration, ["consultation.accepted"]),
    Step("market_head", "tasks:open_assignment", Task, ["task.open_assignment"]),
    Step("market_head", "tasks:take_on", WorkItem, ["subtask.taken_on"], ONE_PAGE),
    Step("market_head", "tasks:support_ask", Subtask, ["support.asked"], ONE_PAGE),
    Step("sales_head", "tasks:support_answer", SupportRequest, ["support.accepted"]),
    Step("market_head", "tasks:assignment_confirm", Task, ["task.confirm"]),
    Step("sales_head", "tasks:support_deliver", SupportRequest, ["support.delivered"]),
    Step("market_head", "weekly:my_week", None, ["progress.reported", "warning.overdue"]),
    Step("market_head", "weekly:send", Task, ["weekly_sync.sent"]),
    Step("market_head", f"{TALKS}_schedule", Task, ["communication.scheduled"], ONE_PAGE),
    Step("market_staff", "communications:we_talked", Task, ["communication.held"], ONE_PAGE),
    Step("market_head", f"{TALKS}_complete", Communication, ["communication.logged"]),
    Step("sales_staff", "communications:action_item_done", ActionItem, ["action_item.done"]),
    Step("market_staff", "issues:issue_create", Task, RECORDED, ONE_PAGE),
    Step("director", ACKNOWLEDGE, Escalation, ["issue.acknowledged"]),
    Step("market_head", "issues:attempt_add", Issue, ["issue.attempted"], ONE_PAGE),
    Step("market_head", "issues:solution_record", Issue, ["issue.record_solution"]),
    Step("market_head", "issues:solution_answer", Issue, ["issue.answer_solved"]),
    Step("market_head", "issues:issue_close", Issue, ["issue.close"]),
    Step("market_head", "tasks:subtask_finish", Subtask, ["subtask.finished"]),
    Step("market_head", "reviews:task_finish", Task, ["task.finish"]),
    Step("market_head", "reviews:review_edit", Task, ["review.written"]),
    Step("market_head", "records:sign_off", Task, ["task.archive", "archive.frozen"]),
]


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_twenty_identical_sendings_have_one_effect():
    cast = make_cast()
    for step in STEPS:
        if step.name == "weekly:send":
            a_week_ago()
        before = Event.objects.count()
        answers = send_at_once(step, cast)
        new = Event.objects.order_by("pk").values_list("action", flat=True)[before:]
        assert list(new) == step.events, (step, answers)
        assert {status for status, _url in answers} <= ANSWERS, (step, answers)
        assert len({url for status, url in answers if status == 302}) <= step.pages, step
    assert Task.objects.get().stage == "archived"
    assert Issue.objects.get().is_closed


def a_week_ago():
    """A week can be sent once it is over, whatever day of the week it is now."""
    week = dt.timedelta(weeks=1)
    Task.objects.update(confirmed_at=F("confirmed_at") - week)
    for task in Task.objects.all():
        Task.objects.filter(pk=task.pk).update(start_date=task.start_date - week)


def send_at_once(step, cast) -> list[tuple[int, str]]:
    """The status and the address of each answer."""
    person = getattr(cast, step.person)
    about = [step.about.objects.latest("pk").pk] if step.about else []
    url = reverse(step.name, args=about)
    if step.name == "weekly:my_week":
        url += f"?subtask={Subtask.objects.latest('pk').pk}"
    pages = [open_form(person, url) for _page in range(step.pages)]
    barrier, answers = threading.Barrier(TIMES), []

    def send(client, data):
        barrier.wait()
        response = client.post(url, data)
        answers.append((response.status_code, response.headers.get("Location", "")))
        connections.close_all()

    threads = []
    for n in range(TIMES):
        data = pages[n % step.pages].filled()
        if "departments" in data:
            data["departments"] = [cast.sales.pk]
        # Nobody reports a figure of their own and "as planned" as well.
        data = {name: value for name, value in data.items() if not name.endswith("-as_planned")}
        threads.append(threading.Thread(target=send, args=(signed_in(person), data)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def signed_in(person):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def open_form(person, url) -> Form:
    """The form of the page; an act without a page is a button with a key of its own."""
    page = signed_in(person).get(url)
    if page.status_code == 405:
        return Form(url, "post", {"once": Input("hidden", [str(uuid.uuid4())])})
    return next(form for form in forms_of(page) if form.action == url)
