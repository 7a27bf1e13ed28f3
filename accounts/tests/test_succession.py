"""What stands on the organisation follows its changes, in the same transaction."""

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import succession
from accounts.forms import THRESHOLDS
from accounts.models import Department, Organisation
from accounts.services import departments, organisation

NOW = timezone.now()


@pytest.fixture
def followed(monkeypatch):
    """The calls of two followers, one of departments, one of the clock."""
    calls = []
    monkeypatch.setattr(succession, "_lines", [])
    monkeypatch.setattr(succession, "_clocks", [])

    def line(department, now):
        assert transaction.get_connection().in_atomic_block
        calls.append((str(department), str(department.head), now))

    for _time in range(2):
        succession.register(line)
        succession.register_clock(calls.append)
    return calls


def edit(department, by, **changes):
    department = Department.objects.get(pk=department.pk)
    names = ("version", "name", "short_name", "parent", "head")
    fields = {name: getattr(department, name) for name in names} | changes
    return departments.edit_department(department=department, by=by, now=NOW, **fields)


def configure(by, **changes):
    names = ("version", "name", "time_zone", "language", "number_pattern", "monday_moves")
    names += THRESHOLDS
    now_set = Organisation.current()
    fields = {name: getattr(now_set, name) for name in names} | changes
    return organisation.edit_organisation(by=by, now=NOW, **fields)


def test_a_new_head_takes_over(cast, followed):
    edit(cast.market, cast.admin, head=cast.market_staff)
    assert followed == [("市场部", "专员H", NOW)]


def test_another_department_above_means_other_superiors(cast, followed):
    edit(cast.finance, cast.admin, parent=cast.board)
    assert followed == [("财务部", "经理J", NOW)]


def test_contacts_come_and_go(cast, followed):
    act = {"by": cast.market_head, "now": NOW}
    contact = departments.name_contact(department=cast.market, person=cast.market_staff, **act)
    departments.remove_contact(contact=contact, **act)
    assert followed == [("市场部", "经理D", NOW)] * 2


def test_a_new_name_moves_nothing(cast, followed):
    edit(cast.market, cast.admin, name="市场中心", short_name="市中")
    assert followed == []


@pytest.mark.parametrize("change", [{"time_zone": "America/New_York"}, {"monday_moves": False}])
def test_another_clock_is_followed(cast, followed, change):
    configure(cast.admin, **change)
    assert followed == [NOW]


def test_other_settings_leave_the_clock_alone(cast, followed):
    configure(cast.admin, name="新公司", number_pattern="{department}-{year}-{sequence}")
    assert followed == []


def test_what_cannot_follow_stops_the_change(cast, followed, monkeypatch):
    def fail(department, now):
        raise ValueError("nobody")

    succession.register(fail)
    with pytest.raises(ValueError, match="nobody"), transaction.atomic():
        edit(cast.market, cast.admin, head=cast.market_staff)
    assert Department.objects.get(pk=cast.market.pk).head == cast.market_head
