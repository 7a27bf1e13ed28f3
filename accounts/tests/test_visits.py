"""When a person was last here, so that the first page can say what changed since."""

import pytest

from accounts.visits import is_to_note, last_here, note_visit
from conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def come(cast):
    """`come("2024-10-08 09:00")`: 经理D looks at the first page; since when is what is new."""

    def _come(moment):
        cast.market_head.refresh_from_db()
        since = last_here(cast.market_head, at(moment))
        note_visit(by=cast.market_head, now=at(moment))
        return since

    return _come


def test_the_first_time_nothing_came_before(come):
    assert come("2024-10-08 09:00") is None
    assert come("2024-10-08 09:10") is None


def test_what_is_new_stays_new_during_a_visit(come):
    come("2024-10-07 17:30")
    for moment in ("2024-10-08 09:00", "2024-10-08 09:25", "2024-10-08 09:50"):
        assert come(moment) == at("2024-10-07 17:30")


@pytest.mark.parametrize(
    ("back", "since"),
    [("09:29", None), ("09:30", at("2024-10-08 09:00")), ("10:30", at("2024-10-08 09:00"))],
)
def test_half_an_hour_of_absence_ends_a_visit(come, back, since):
    come("2024-10-08 09:00")
    assert come(f"2024-10-08 {back}") == since


def test_two_pages_opened_at_once_begin_one_visit(come):
    come("2024-10-07 17:30")
    come("2024-10-08 09:00")
    assert come("2024-10-08 09:00") == at("2024-10-07 17:30")


def test_looking_again_at_once_writes_nothing(cast, come):
    assert is_to_note(cast.market_head, at("2024-10-08 09:00"))
    come("2024-10-08 09:00")
    cast.market_head.refresh_from_db()
    assert not is_to_note(cast.market_head, at("2024-10-08 09:04"))
    assert is_to_note(cast.market_head, at("2024-10-08 09:05"))
