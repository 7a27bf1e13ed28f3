"""What people see when a request cannot be read."""

from django.test import Client


def test_a_form_in_another_encoding_is_refused_with_a_page(db):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=False)
    browser.get("/sign-in/")
    form = "application/x-www-form-urlencoded; charset=latin-1"
    page = browser.post("/sign-in/", "username=a", content_type=form)
    assert page.status_code == 400
    assert "could not be understood" in page.content.decode()
