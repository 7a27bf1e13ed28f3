"""A database that does not answer is said as such, and nothing is half done."""

from unittest.mock import patch

import pytest
from django.db import DatabaseError, OperationalError
from django.urls import reverse


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("database or disk is full"), 503),
        (OperationalError("database is locked"), 503),
        (DatabaseError("something else"), 500),
    ],
)
def test_the_reason_is_told_without_a_trace(cast, sign_in, error, status):
    client = sign_in(cast.market_head)
    client.raise_request_exception = False
    with patch("tasks.services.drafting.Task.objects.create", side_effect=error):
        answer = client.post(
            reverse("tasks:task_create"), {"title": "新品", "department": cast.market.pk}
        )
    assert answer.status_code == status
    text = answer.content.decode()
    assert ("The database does not answer" in text) is (status == 503)
    assert "Traceback" not in text
    assert str(error) not in text
