"""However often a form is sent, it has one effect (double click, reload, resend)."""

import threading
import uuid

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from audit.models import Event, Submission
from conftest import give_head, make_department, make_person
from tasks.models import Task

ONCE = "8d0a7c1e-5b0f-4c3e-9d59-0d6f0f2b3a11"


def create(client, cast, **more):
    data = {"title": "新品", "department": cast.market.pk, "once": ONCE} | more
    return client.post(reverse("tasks:task_create"), data)


def test_a_form_sent_twice_has_one_effect_and_leads_to_the_same_place(cast, sign_in):
    client = sign_in(cast.market_head)
    first, second = create(client, cast), create(client, cast)
    assert first.status_code == second.status_code == 302
    assert first.url == second.url
    assert Task.objects.count() == 1
    assert Event.objects.filter(action="task.created").count() == 1


def test_a_form_with_errors_may_be_corrected_and_sent_again(cast, sign_in):
    client = sign_in(cast.market_head)
    assert create(client, cast, title="").status_code == 422
    assert not Submission.objects.exists()
    assert create(client, cast).status_code == 302
    assert Task.objects.count() == 1


def test_another_form_is_another_effect(cast, sign_in):
    client = sign_in(cast.market_head)
    create(client, cast)
    create(client, cast, once=str(uuid.uuid4()))
    assert Task.objects.count() == 2


def test_one_persons_key_means_nothing_for_another(cast, sign_in):
    create(sign_in(cast.market_head), cast)
    response = sign_in(cast.sales_head).post(
        reverse("tasks:task_create"),
        {"title": "另一项", "department": cast.sales.pk, "once": ONCE},
    )
    assert response.status_code == 302
    assert Task.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x", "0" * 5000, "\x00"])
def test_a_broken_key_is_no_reason_to_fail(cast, sign_in, key):
    assert create(sign_in(cast.market_head), cast, once=key).status_code == 302


def test_a_refused_act_shows_its_reason_where_the_person_was(cast, running, sign_in):
    client = sign_in(cast.market_head)
    here = running.get_absolute_url()
    response = client.post(
        reverse("tasks:open_assignment", args=[running.pk]),
        {"once": ONCE},
        headers={"referer": f"http://testserver{here}"},
        follow=True,
    )
    assert response.redirect_chain == [(f"http://testserver{here}", 302)]
    assert "already moved on" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_twenty_identical_submissions_at_once_have_one_effect():
    market = make_department("市场部", "市场")
    head = make_person("经理D", market)
    give_head(market, head)
    barrier, answers = threading.Barrier(20), []

    def send(client):
        barrier.wait()
        data = {"title": "新品", "department": market.pk, "once": ONCE}
        answers.append(client.post(reverse("tasks:task_create"), data))
        connections.close_all()

    clients = [Client() for _ in range(20)]
    for client in clients:
        client.force_login(head)
    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in answers} == {302}
    assert len({a.url for a in answers}) == 1
    assert Task.objects.count() == 1
