"""The form about an absence."""

import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_everything_that_is_wrong_is_said_at_once(cast, sign_in):
    browser = sign_in(cast.market_staff)
    answer = browser.post(
        reverse("accounts:absence_plan", args=[cast.market_staff.pk]),
        {"starts_on": "2099-10-02", "ends_on": "2099-10-01", "stand_in": ""},
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "The last day must not lie before the first." in text
    assert "Please fill this in." in text
