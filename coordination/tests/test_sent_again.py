"""Every form of every page: sent again, from a second window, under a key that was used elsewhere.

Twenty at the same moment, in real threads, are in test_twenty_at_once.py.
"""

import pytest
from django.urls import resolve

from audit.models import Submission
from conftest import acts
from coordination.tests.test_odd_input import own_forms
from coordination.tests.test_roles import PAGES
from coordination.tests.test_security import stored
from coordination.tests.world import people_of

pytestmark = pytest.mark.once

# What is typed stands in these; a signature is a password, which nobody types in variants.
WRITTEN = {"text", "textarea"}
SESSION = {"account_login"}


def forms_sent(world, name, thing, person):
    """The forms of a page that change something."""
    if name in SESSION:
        return []
    return [form for form in own_forms(world, name, thing, person) if form.method == "post"]


def written(form, word) -> dict:
    """The form filled in, with a word before every text that stands in it."""
    texts = {
        field: f"{word}{each.plausible[0]}"[:20]
        for field, each in form.inputs.items()
        if each.kind in WRITTEN
    }
    return form.filled(**texts)


def taken(browser, form, word) -> dict | None:
    """What was sent if it was taken: the form with the word, or as it stands where its texts follow
    a pattern.
    """
    for data in (written(form, word), form.filled()):
        if browser.post(form.action, data).status_code in (200, 204, 302):
            return data
    return None


@pytest.mark.parametrize(("name", "thing", "person"), PAGES, ids=lambda text: text)
def test_sent_again_it_has_no_second_effect(world, name, thing, person):
    """Reloaded, resent, gone back to. That its key was used at another address, or by somebody
    else, is no reason to pass it over the first time.
    """
    for number in range(len(forms_sent(world, name, thing, person))):
        browser = world.browser(person)
        form = forms_sent(world, name, thing, person)[number]
        used_elsewhere(world, person, form)
        data = taken(browser, form, "甲")
        if data is None:
            continue  # Every form is taken once, in test_odd_input.py.
        if "once" in data and not keeps_refusals(form):
            assert Submission.objects.filter(key=data["once"][0]).count() == 3, form.action
        done = acts()
        assert browser.post(form.action, data).status_code < 500, form.action
        assert acts() == done, form.action


def used_elsewhere(world, person, form) -> None:
    """The key of the form as the person used it at another address, and somebody else at this."""
    if person != "nobody" and "once" in form.inputs:
        key, people = form.inputs["once"].values[0], people_of(world.cast)
        other = people["outsider" if person != "outsider" else "admin"]
        Submission.objects.create(key=key, person=people[person], path="/elsewhere/")
        Submission.objects.create(key=key, person=other, path=form.action)


def keeps_refusals(form) -> bool:
    return getattr(resolve(form.action).func, "keeps_refusals", False)


# A second one of what they add is another one, not an edit; a new password needs none before it.
ADDS = {
    "account_change_password",
    "accounts:department_create",
    "accounts:person_create",
    "accounts:person_password",
    "attachments:attach",
    "communications:communication_schedule",
    "communications:we_talked",
    "issues:attempt_add",
    "issues:issue_create",
    "tasks:support_ask",
    "tasks:take_on",
    "tasks:task_create",
}


@pytest.mark.parametrize(("name", "thing", "person"), PAGES, ids=lambda text: text)
def test_of_two_windows_the_second_is_told(world, name, thing, person):
    """Its words are kept, what was stored first stays."""
    count = len(forms_sent(world, name, thing, person))
    for number in range(count):
        browser = world.browser(person)
        windows = [forms_sent(world, name, thing, person) for _window in range(2)]
        if min(map(len, windows)) <= number:
            continue
        first, second = (forms[number] for forms in windows)
        if taken(browser, first, "甲") is None:
            continue
        done, before = acts(), stored()
        data = written(second, "乙")
        answer = browser.post(second.action, data)
        assert answer.status_code < 500, second.action
        if acts() != done:
            assert resolve(second.action).view_name in ADDS, second.action
        elif answer.status_code in (409, 422):
            assert stored() == before, second.action
            page = answer.content.decode()
            kept = [field for field, value in data.items() if str(value).startswith("乙")]
            assert not [field for field in kept if data[field] not in page], second.action
