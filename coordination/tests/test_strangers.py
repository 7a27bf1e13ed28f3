"""People of one corner of a company and the things of another: all they get is what strangers get.

A second world is built beside the first: other people in departments that are below nobody of the
first, tasks with texts that carry a mark. What the table of roles says of 会计K, who stands outside
of everything, must then hold for everybody of the first world.
"""

import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.db import transaction

from accounts.models import User
from conftest import acts
from coordination.tests.html_forms import forms_of
from coordination.tests.marked import marked
from coordination.tests.test_leaks import words_of
from coordination.tests.test_roles import PAGES, PEOPLE, ROWS, answer, who_opens
from coordination.tests.world import LATER, World, make_company, make_running, make_tasks, people_of
from issues.models import Escalation
from issues.services.escalation import acknowledge_escalation
from tasks.models import Task
from tasks.services.confidentiality import make_confidential
from weekly.services.weeks import open_weeks

pytestmark = pytest.mark.once

MARK, HIDDEN, NOWHERE = "䨻", "䨺", "䶮"
"""Letters that stand in no name, and in texts only of: the other world's tasks, a confidential one,
none."""
OF_NOBODY = {"-", "ladder", "official_year", "holiday"}
ABOUT = [row for row in ROWS if row[1] not in OF_NOBODY]
OF_COMPANY = {"market", "service", "contact", "stranger", "colleague", "absence", "unsubscribe"}
OF_COMPANY |= {"session", "passkey", "failed_mail"}
OUTSIDE = [list(PEOPLE).index(letter) for letter in "EK"]
"""主管E and 会计K have no part in the tasks; where one of them has, the other stands for both."""
WATCHED = ["director", "market_head", "sales_staff", "service_head", "outsider", "admin"]
"""Whose pages are compared before and after there is anything to hide."""


class Other(World):
    """A second cast with its corner of the company, but no tasks yet."""

    def __init__(self, mark):
        super().__init__(mark)

    def make_things(self):
        return make_company(self.cast)

    def add_tasks(self):
        with marked(MARK):
            self.things |= make_tasks(self.cast)


@pytest.fixture(scope="module")
def worlds(standing_world, django_db_blocker):
    """Ours and theirs, and what people of ours saw before anything of theirs was there."""
    with django_db_blocker.unblock(), transaction.atomic():
        theirs = Other("乙")
        open_weeks(LATER)  # As making their tasks does, for every task.
        before = everything_seen(standing_world)
        theirs.add_tasks()
        with marked(MARK):
            open_weeks(LATER)
        yield SimpleNamespace(ours=standing_world, theirs=theirs, before=before, acts=acts())
        transaction.set_rollback(True)


@pytest.fixture
def world(worlds, db):
    return worlds


def stranger(row_answers) -> str:
    """The answer to whoever has no part in a thing at all."""
    return min((row_answers[n] for n in OUTSIDE), key="0-xie>+".index)


def signs_of(row_answers) -> dict[str, str]:
    """What everybody gets who has no part in a thing: only administrators are what they are."""
    signs = dict.fromkeys(PEOPLE.values(), stranger(row_answers))
    own = {person: row_answers[n] for n, person in enumerate(PEOPLE.values())}
    return signs | {person: own[person] for person in ("nobody", "records", "admin")}


@pytest.mark.parametrize(("name", "thing", "get", "post"), ABOUT, ids=lambda text: text)
def test_everybody_is_a_stranger_to_the_things_of_others(world, name, thing, get, post):
    url = world.theirs.address(name, thing)
    for method, signs in (("get", signs_of(get)), ("post", signs_of(post))):
        found = {person: answer(world.ours, method, url, person) for person in signs}
        assert found == signs, method


@pytest.mark.parametrize(
    ("name", "thing", "get", "post"),
    [row for row in ABOUT if "+" in row[2] and set(row[3]) & {"e", ">"}],
    ids=lambda text: text,
)
def test_a_form_of_others_filled_in_well_is_as_far_away(world, name, thing, get, post):
    """What one of them could send, sent by one of us."""
    url = world.theirs.address(name, thing)
    page = world.theirs.browser(who_opens(get)).get(url)
    signs = {person: sign for person, sign in signs_of(post).items() if sign in "i-0x"}
    for form in (form for form in forms_of(page) if form.action == url):
        found = {person: sends(world.ours, person, form) for person in signs}
        assert found == signs


def sends(world, person, form) -> str:
    return answer(world, "post", form.action, person, form.filled())


# Side doors -------------------------------------------------------------------------------------

SLOW = {"records:record_pdf", "weekly:pdf"}
"""Drawn from the very values that the pages of the same name show."""
NOT_OF_TASKS = [page for page in PAGES if page[1] in OF_NOBODY | OF_COMPANY]
OF_TASKS = [page for page in PAGES if page not in NOT_OF_TASKS and page[0] not in SLOW]
MORE = [
    "/tasks/?before=999999999",
    "/tasks/?stage=execution",
    "/tasks/?mine=owner",
    "/mail/?state=failed",
    "/notifications/?show=new",
    "/notifications/?show=changes",
    *(
        f"/calendar/?month=2024-10&scope={scope}&view={view}"
        for scope in ("mine", "led", "departments")
        for view in ("", "list")
    ),
    "/calendar/?overdue=1&scope=departments",
    "/overview/duties/?state=open",
    "/overview/?stage=archived",
    "/workload/?week=2024-09-30",
    "/workload/?week=2024-10-07",
]


OF_EACH = [page for page in PAGES if page[0] not in SLOW]
PARAMETERS = ["after", "before", "before_task", "day", "department", "from", "grade", "initiator"]
PARAMETERS += ["issue", "kind", "meeting", "mine", "month", "overdue", "owner", "page", "parent"]
PARAMETERS += ["person", "purpose", "q", "scope", "show", "stage", "state", "subtask", "task"]
PARAMETERS += ["topic", "version", "view", "week", "who"]


TYPED = {"text", "search"}


def forms_in(page):
    return forms_of(page) if "html" in page.headers["Content-Type"] else []


def everything_seen(world, people=WATCHED) -> dict[tuple[str, str], str]:
    """{(person, address): words} of every page and file that somebody of this world may open."""
    seen = {}
    for person in people:
        urls = {world.address(name, thing) for name, thing, _who in NOT_OF_TASKS}
        urls |= {world.address(name, thing) for name, thing, who in OF_TASKS if who == person}
        browser = world.browser(person)
        for url in sorted(urls) + MORE:
            seen[person, url] = still(browser.get(url))
    return seen


EACH_TIME = re.compile(
    r'name="(csrfmiddlewaretoken|once)" value="[^"]*"|<dcterms:.*?</dcterms:'
    r"|\d\d:\d\d|\d+ (hour|minute)s?"
)


def still(response) -> str:
    """The words of an answer without what differs each time, the passing of time included."""
    return EACH_TIME.sub("", words_of(response))


def test_the_mark_is_seen_by_those_inside(world):
    """Otherwise the tests below would find nothing because there is nothing to find."""
    browser = world.theirs.browser("market_head")
    without = [
        (name, thing)
        for name, thing, get, _post in ABOUT
        if get[list(PEOPLE).index("D")] == "+"
        and thing not in OF_COMPANY
        and name not in {*SLOW, "attachments:file_download"}
        and MARK not in words_of(browser.get(world.theirs.address(name, thing)))
    ]
    assert without == []


# How much is on its way is an administrator's to know; what it is about is not.
OF_ADMINISTRATORS = {("admin", "/mail/"), ("admin", "/organisation/operations/")}


def test_no_page_and_no_file_differs_by_what_others_do(world):
    """No word, no count, no choice of a filter."""
    now = everything_seen(world.ours)
    assert not [place for place, words in now.items() if MARK in words]
    assert differences(world.before, now).keys() <= OF_ADMINISTRATORS


def differences(before, now) -> dict[tuple[str, str], set[str]]:
    """The lines that differ, by person and address."""
    lines = {place: {*now[place].splitlines()} ^ {*before[place].splitlines()} for place in now}
    return {place: new for place, new in lines.items() if new}


def test_no_search_finds_what_others_wrote(world):
    """Looking for their mark answers as looking for what nobody wrote."""
    asked = set()
    for name, thing, person in OF_EACH:
        url, browser = world.ours.address(name, thing), world.ours.browser(person)
        for form in forms_in(browser.get(url)):
            texts = [
                field for field, each in form.inputs.items() if each.kind in ("text", "search")
            ]
            if form.method == "get" and texts and form.action not in asked:
                asked.add(form.action)
                found, nothing = (
                    still(browser.get(form.action, form.filled(**dict.fromkeys(texts, word))))
                    for word in (MARK, NOWHERE)
                )
                found = found.replace(quote(MARK), quote(NOWHERE)).replace(MARK, NOWHERE)
                assert found == nothing, url
    assert len(asked) > 3


def test_no_parameter_reaches_what_others_have(world):
    """Pages that take a task, a person, a row to go on below … in their address."""
    things = world.theirs.things
    own = {
        "task": things["running"].pk,
        "subtask": things["subtask"].pk,
        "issue": things["issue"].pk,
        "meeting": things["talk_held"].pk,
        "communication": things["talk_held"].pk,
        "department": world.theirs.cast.market.pk,
        "person": world.theirs.cast.market_head.pk,
    }
    for name, thing, person in OF_EACH:
        url, browser = world.ours.address(name, thing), world.ours.browser(person)
        for values in (own, dict.fromkeys(PARAMETERS, things["running"].pk)):
            page = browser.get(url, values)
            assert page.status_code < 500 and MARK not in words_of(page), (url, values)


# What a form may hold -----------------------------------------------------------------------------

OF_ROWS = re.compile(r"(\w+)-0-id$")


def foreign_rows(theirs) -> dict[str, object]:
    """By the prefix of the rows in a form: such a row of theirs."""
    running, logged = theirs.things["running"], theirs.things["talk_logged"]
    review = theirs.things["reviewing"].review
    return {
        "targets": running.targets.first(),
        "work_items": running.work_items.first(),
        "resources": running.resources.first(),
        "risks": running.risks.first(),
        "participants": logged.participants.first(),
        "action_items": logged.action_items.first(),
        "keep": review.lessons.first(),
        "improve": review.lessons.last(),
    }


def foreign_values(theirs, field, each, rows) -> list[str]:
    """What somebody could put into a field that holds a row. A person typed by name is whoever is
    meant in the whole company, and becomes part of the task."""
    if each.kind in ("select", "several"):
        things = [theirs.things[name] for name in ("subtask", "talk_held", "issue", "running")]
        things += [theirs.cast.market_staff, theirs.cast.market]
        return sorted({str(thing.pk) for thing in things} - {*each.choices, *each.values})
    prefix = OF_ROWS.match(field)
    return [str(rows[prefix[1]].pk)] if prefix and prefix[1] in rows else []


# Anybody in the company may be let in.
OFFER_EVERYBODY = {"tasks:who_sees"}
FORMS = [page for page in OF_TASKS if page[0] != "weekly:week"]


@pytest.mark.parametrize(("name", "thing", "person"), FORMS, ids=lambda text: text)
def test_no_form_takes_what_belongs_to_others(world, name, thing, person):
    """The row or the thing of another task, put where a form of an own task holds one."""
    browser, rows = world.ours.browser(person), foreign_rows(world.theirs)
    stored = theirs_as_stored(rows)
    page = browser.get(world.ours.address(name, thing))
    strangers = [
        who.name
        for who in people_of(world.theirs.cast).values()
        if not who.is_records_administrator
    ]
    if name not in OFFER_EVERYBODY:
        assert not [who for who in strangers if who in words_of(page)]
    for form in (form for form in forms_in(page) if form.method == "post"):
        for field, each in form.inputs.items():
            for value in foreign_values(world.theirs, field, each, rows):
                with transaction.atomic():
                    answer = browser.post(form.action, form.filled(**{field: value}), follow=True)
                    # Rows that are written anew each time have no use for an id.
                    ignored = answer.redirect_chain and theirs_as_stored(rows) == stored
                    transaction.set_rollback(True)
                assert ignored or answer.status_code in (409, 422), (field, value)
                assert MARK not in words_of(answer), (field, value)


def theirs_as_stored(rows) -> list:
    """The rows as the database has them now, with what they belong to."""
    return [type(row).objects.filter(pk=row.pk).values().get() for row in rows.values()]


# Confidential tasks -----------------------------------------------------------------------------

NOT_NAMED = ["director", "service_head", "outsider", "admin", "records"]
# Whoever hands over what somebody holds is told the numbers of its tasks; a senior manager's totals
# count what goes on below; nothing else is told (R29).
TOTALS = re.compile(r"/$|/overview/|/workload/|/departments/\d+/work/$")


def make_reported(cast):
    """A task under way, an issue of which was reported to 总监A; with the escalation."""
    task = make_running(cast)["running"]
    return task, Escalation.objects.get(issue__task=task, person=cast.director)


def test_a_confidential_task_is_nothing_but_a_number_to_whoever_is_not_named(world):
    """It went on openly, was reported upwards and acknowledged, and then became confidential."""
    ours = world.ours
    before = everything_seen(ours, NOT_NAMED)
    with marked(HIDDEN):
        task, told = make_reported(ours.cast)
        acknowledge_escalation(escalation=told, by=ours.cast.director, now=LATER)
        make_confidential(task=task, by=ours.cast.market_head, now=LATER)
    now = everything_seen(ours, NOT_NAMED)
    told = OF_ADMINISTRATORS | {("admin", ours.address("accounts:person_hand_over", "colleague"))}
    assert {place for place, words in now.items() if HIDDEN in words} <= told
    differ = differences(before, now).keys() - told
    assert {person for person, _address in differ} <= {"director", "records"}
    assert [address for _person, address in differ if not TOTALS.match(address)] == []


def test_whoever_still_owes_something_in_a_confidential_task_sees_it(world):
    cast = world.ours.cast
    task, told = make_reported(cast)
    make_confidential(task=task, by=cast.market_head, now=LATER)
    owing = User.objects.filter(deadlines__task_id=task.pk, deadlines__settled_at=None)
    assert told.person in owing
    assert not [who for who in owing if task not in Task.objects.visible_to(who)]


def outside(world, task) -> set[str]:
    """Who has not initiated the task, heads none of its departments and is not named in it."""
    departments = [task.department, *(c.department for c in task.collaborations.all())]
    inside = {task.initiator_id, *task.members.values_list("user", flat=True)}
    inside |= {department.head_id for department in departments}
    people = people_of(world.cast)
    return {name for name in PEOPLE.values() if name in people and people[name].pk not in inside}


def task_of(thing) -> Task:
    return Task.objects.get(pk=getattr(thing, "issue", thing).history_task_id)


# Where something can be attached: the task itself and a part of it.
IN = {"file_place": "running", "subtask_place": "subtask"}


@pytest.mark.parametrize(
    ("name", "thing", "get", "post"),
    [row for row in ABOUT if row[1] not in OF_COMPANY],
    ids=lambda text: text,
)
def test_what_becomes_confidential_is_gone_for_whoever_is_not_named(world, name, thing, get, post):
    ours = world.ours
    task = task_of(ours.things[IN.get(thing, thing)])
    Task.objects.filter(pk=task.pk).update(is_confidential=True)
    people = outside(ours, task)
    # Not the director: let in by name to one of these.
    assert people >= {"records", "outsider", "admin"}
    for method, answers in (("get", get), ("post", post)):
        url = ours.address(name, thing)
        found = {person: answer(ours, method, url, person) for person in people}
        assert found == dict.fromkeys(people, stranger(answers)), method
