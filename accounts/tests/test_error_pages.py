"""Every error has a page with a way back; ours renders without a database."""

import pytest
from django.db import connection
from django.test import Client
from django.views import defaults

from coordination.errors import NotAllowed


def test_not_found_and_not_allowed_lead_back(cast, sign_in):
    client = sign_in(cast.outsider)
    for url, status in [("/nothing/", 404), ("/organisation/", 403)]:
        response = client.get(url)
        assert response.status_code == status
        assert 'class="btn btn-primary" href="/"' in response.content.decode()
    assert str(NotAllowed.message).split(",")[0] in response.content.decode()


def test_somebody_not_signed_in_gets_them_too(client, db):
    assert client.get("/nothing/").status_code == 404


def test_a_form_without_its_key_says_what_to_do(cast):
    client = Client(enforce_csrf_checks=True)
    response = client.post("/sign-in/", {"username": "经理D", "password": "x"})
    assert response.status_code == 403
    assert 'class="error-page"' in response.content.decode()


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (defaults.server_error, 500),
        (lambda request: defaults.bad_request(request, Exception("secret")), 400),
    ],
)
def test_what_fails_on_our_side_needs_no_database(rf, view, status):
    def no_database(*args):
        raise AssertionError

    with connection.execute_wrapper(no_database):
        response = view(rf.get("/"))
    page = response.content.decode()
    assert response.status_code == status
    assert 'href="/"' in page
    assert "secret" not in page


def test_an_unknown_host_is_answered(client, db):
    assert client.get("/sign-in/", headers={"Host": "evil.example"}).status_code == 400
