"""The tree of departments: no cycles, no borrowed short names, one head."""

import pytest
from django.utils import timezone

from accounts.models import Department, FormerShortName
from accounts.services import departments
from accounts.services.departments import (
    AlreadyContact,
    BelowItself,
    HeadFromElsewhere,
    NameTaken,
    NotAMember,
    ShortNameTaken,
    StillInUse,
)
from accounts.services.shared import Inactive
from accounts.tree import department_tree
from audit.models import Event
from coordination.errors import EditedMeanwhile

NOW = timezone.now()


def edit(department, by, **changes):
    department = Department.objects.get(pk=department.pk)
    names = ("version", "name", "short_name", "parent", "head")
    fields = {name: getattr(department, name) for name in names} | changes
    return departments.edit_department(department=department, by=by, now=NOW, **fields)


def create(by, name, short_name, parent=None):
    return departments.create_department(
        by=by, now=NOW, name=name, short_name=short_name, parent=parent
    )


def test_a_new_department_stands_where_it_was_put(cast):
    department = create(cast.admin, "渠道部", "渠道", cast.sales)
    assert department.parent == cast.sales
    changes = Event.objects.about(department).get().changes
    assert changes == {
        "name": [None, "渠道部"],
        "short_name": [None, "渠道"],
        "parent": [None, "销售部"],
    }


def test_a_department_never_stands_below_itself(cast):
    below = create(cast.admin, "渠道部", "渠道", cast.sales)
    for parent in (cast.sales, below):
        with pytest.raises(BelowItself):
            edit(cast.sales, cast.admin, parent=parent)


def test_names_are_taken_once(cast):
    with pytest.raises(NameTaken):
        create(cast.admin, "市场部", "新")
    with pytest.raises(ShortNameTaken):
        create(cast.admin, "新部", "市场")
    with pytest.raises(ShortNameTaken):
        edit(cast.sales, cast.admin, short_name="市场")


def test_a_former_short_name_stays_its_departments_own(cast):
    edit(cast.market, cast.admin, short_name="营销")
    assert FormerShortName.objects.get().department == cast.market
    with pytest.raises(ShortNameTaken, match="市场部"):
        edit(cast.sales, cast.admin, short_name="市场")
    with pytest.raises(ShortNameTaken):
        create(cast.admin, "新部", "市场")
    assert edit(cast.market, cast.admin, short_name="市场").short_name == "市场"


def test_the_head_comes_from_the_department_or_from_above(cast):
    assert edit(cast.market, cast.admin, head=cast.market_staff).head == cast.market_staff
    assert edit(cast.market, cast.admin, head=cast.director).head == cast.director
    assert edit(cast.market, cast.admin, head=None).head is None
    with pytest.raises(HeadFromElsewhere):
        edit(cast.market, cast.admin, head=cast.sales_staff)


def test_a_stale_edit_is_told(cast):
    edit(cast.market, cast.admin, name="市场中心")
    with pytest.raises(EditedMeanwhile):
        edit(cast.market, cast.admin, version=1, name="营销部")


def test_a_department_in_use_is_not_deactivated(cast):
    act = {"by": cast.admin, "now": NOW}
    with pytest.raises(StillInUse):
        departments.deactivate_department(department=cast.board, **act)
    with pytest.raises(StillInUse):
        departments.deactivate_department(department=cast.finance, **act)
    empty = create(cast.admin, "空部", "空")
    below = create(cast.admin, "空组", "空组", empty)
    departments.deactivate_department(department=below, **act)
    departments.deactivate_department(department=empty, **act)
    with pytest.raises(Inactive):
        departments.activate_department(department=Department.objects.get(pk=below.pk), **act)
    with pytest.raises(Inactive):
        create(cast.admin, "新组", "新组", empty)


def test_contacts_come_from_the_departments_own_people(cast):
    act = {"department": cast.market, "by": cast.market_head, "now": NOW}
    with pytest.raises(NotAMember):
        departments.name_contact(person=cast.sales_staff, **act)
    contact = departments.name_contact(person=cast.market_staff, **act)
    with pytest.raises(AlreadyContact):
        departments.name_contact(person=cast.market_staff, **act)
    assert (
        cast.market.pk
        in type(cast.market_staff).objects.get(pk=cast.market_staff.pk).standing.contact_for
    )
    departments.remove_contact(contact=contact, by=cast.market_head, now=NOW)
    events = Event.objects.about(cast.market)
    assert [e.changes["contacts"] for e in events] == [[["专员H"], []], [[], ["专员H"]]]


def test_the_tree_reads_in_order_and_closes_what_it_opens(cast):
    create(cast.admin, "渠道部", "渠道", cast.sales)
    nodes = department_tree()
    names = [n.department.name for n in nodes]
    assert names == ["总经办", "市场部", "销售部", "渠道部", "研发部", "客服部", "财务部"]
    assert [n.opens for n in nodes] == [True, False, True, False, False, False, False]
    assert [len(n.closes) for n in nodes] == [0, 0, 0, 1, 0, 1, 0]


def test_a_very_deep_tree_is_still_shown(cast, sign_in):
    parent = cast.finance
    for depth in range(300):
        parent = Department.objects.create(
            name=f"组{depth}", short_name=f"组{depth}", parent=parent
        )
    html = sign_in(cast.admin).get("/departments/").content.decode()
    assert "组299" in html
    assert html.count("<ul") == html.count("</ul>")


def test_the_forms_put_a_refusal_beside_its_field(cast, sign_in):
    client = sign_in(cast.admin)
    response = client.post("/departments/new/", {"name": "新部", "short_name": "市场"})
    assert response.status_code == 422
    assert "short_name" in response.context["form"].errors
    response = client.post("/departments/new/", {"name": "新部", "short_name": "新"})
    assert response.status_code == 302
    new = Department.objects.get(name="新部")
    fields = {"name": "新中心", "short_name": "新", "version": new.version}
    assert client.post(f"/departments/{new.pk}/edit/", fields).status_code == 302
    stale = client.post(f"/departments/{new.pk}/edit/", fields | {"name": "旧"})
    assert stale.status_code == 409
    assert stale.context["form"]["name"].value() == "旧"
