"""People: several departments, one main one, and nobody leaves while something is theirs."""

import pytest
from django.utils import timezone

from accounts import leaving
from accounts.models import User
from accounts.services import people
from accounts.services.people import (
    MainElsewhere,
    OwnRights,
    StillActsFor,
    StillNeeded,
    UsernameTaken,
)
from accounts.services.shared import today
from audit.models import Event
from conftest import PASSWORD
from coordination.errors import EditedMeanwhile

NOW = timezone.now()
FIELDS = ("version", "username", "name", "email", "title", "language")
RIGHTS = ("is_records_administrator", "is_staff")


def edit(person, by, **changes):
    person = User.objects.get(pk=person.pk)
    as_it_is = {name: getattr(person, name) for name in FIELDS + RIGHTS}
    as_it_is["departments"] = [m.department for m in person.memberships.order_by("-is_main")]
    as_it_is["main_department"] = None
    return people.edit_person(person=person, by=by, now=NOW, **as_it_is | changes)


def test_a_new_person_signs_in_only_after_getting_a_password(cast, client):
    person = people.create_person(
        by=cast.admin,
        now=NOW,
        username="li.lei",
        name="李雷",
        departments=[cast.market, cast.sales],
        main_department=cast.sales,
    )
    assert person.main_department == cast.sales
    assert not client.login(username="li.lei", password="")
    people.set_password(person=person, by=cast.admin, now=NOW, password="Erste-2024")
    assert client.login(username="li.lei", password="Erste-2024")
    created = Event.objects.about(person).last()
    assert created.changes["memberships"] == [[], ["销售部", "市场部"]]
    assert "Erste" not in str(list(Event.objects.about(person).values()))


def test_a_login_name_is_one_persons(cast):
    with pytest.raises(UsernameTaken):
        people.create_person(by=cast.admin, now=NOW, username="经理D", name="另一人")
    with pytest.raises(UsernameTaken):
        edit(cast.outsider, cast.admin, username="经理D")


def test_departments_change_with_their_history(cast):
    edit(
        cast.market_staff,
        cast.admin,
        departments=[cast.market, cast.sales],
        main_department=cast.sales,
    )
    person = User.objects.get(pk=cast.market_staff.pk)
    assert person.main_department == cast.sales
    event = Event.objects.about(person).first()
    assert event.changes == {"memberships": [["市场部"], ["销售部", "市场部"]]}


def test_the_main_department_is_one_of_the_persons_own(cast):
    with pytest.raises(MainElsewhere):
        edit(cast.market_staff, cast.admin, main_department=cast.sales)


@pytest.mark.parametrize("person", ["research_head", "research_contact"])
def test_heads_and_contacts_do_not_leave_their_department(cast, person):
    with pytest.raises(StillActsFor, match="研发部"):
        edit(getattr(cast, person), cast.admin, departments=[cast.sales])


@pytest.mark.parametrize("person", ["research_head", "research_contact"])
def test_heads_and_contacts_are_not_deactivated(cast, person):
    with pytest.raises(StillNeeded, match="研发部"):
        people.deactivate_person(person=getattr(cast, person), by=cast.admin, now=NOW)


def test_whoever_owes_something_is_not_deactivated(cast, running):
    with pytest.raises(StillNeeded):
        people.deactivate_person(person=cast.sales_staff, by=cast.admin, now=NOW)
    assert leaving.still_theirs(cast.sales_staff, today(NOW))


def test_a_person_without_ties_comes_and_goes(cast):
    people.deactivate_person(person=cast.outsider, by=cast.admin, now=NOW)
    assert not User.objects.get(pk=cast.outsider.pk).is_active
    people.activate_person(person=cast.outsider, by=cast.admin, now=NOW)
    actions = Event.objects.about(cast.outsider).values_list("action", flat=True)
    assert list(actions) == ["person.activated", "person.deactivated"]


def test_nobody_gives_up_the_last_key(cast):
    with pytest.raises(OwnRights):
        edit(cast.admin, cast.admin, is_staff=False)


def test_a_stale_edit_is_told_and_nothing_of_it_is_kept(cast):
    edit(cast.outsider, cast.admin, title="出纳")
    with pytest.raises(EditedMeanwhile):
        edit(cast.outsider, cast.admin, version=1, departments=[cast.sales])
    assert cast.outsider.memberships.get().department == cast.finance


def test_the_person_form_keeps_what_was_typed(cast, sign_in):
    client = sign_in(cast.admin)
    typed = {"name": "李雷", "username": "经理D", "departments": [cast.market.pk], "title": "专员"}
    response = client.post("/people/new/", typed)
    assert response.status_code == 422
    assert "username" in response.context["form"].errors
    assert response.context["form"]["title"].value() == "专员"
    response = client.post("/people/new/", typed | {"username": "li.lei"})
    person = User.objects.get(username="li.lei")
    assert response["Location"] == f"/people/{person.pk}/password/"
    words = {"new_password1": "Erste-2024-x", "new_password2": "Erste-2024-x"}
    assert client.post(f"/people/{person.pk}/password/", words).status_code == 302
    assert client.post(f"/people/{person.pk}/deactivate/").status_code == 302
    assert not User.objects.get(pk=person.pk).is_active


def test_people_settle_their_own_mail_address(cast, client):
    client.post("/sign-in/", {"username": "会计K", "password": PASSWORD})
    mine = {"email": "k@example.com", "language": "en", "version": cast.outsider.version}
    assert client.post("/profile/", mine).status_code == 302
    person = User.objects.get(pk=cast.outsider.pk)
    assert (person.email, person.language) == ("k@example.com", "en")
    assert client.post("/profile/", mine | {"email": "x"}).status_code == 422
    assert client.post("/profile/", mine | {"email": "z@example.com"}).status_code == 409


def test_the_list_is_searched_and_narrowed(cast, sign_in):
    client = sign_in(cast.outsider)

    def found(query):
        return {str(p) for p in client.get("/people/" + query).context["people"]}

    assert found("?q=专员") == {"专员H", "专员C"}
    assert found(f"?department={cast.research.pk}") == {"经理B", "工程师F"}
    people.deactivate_person(person=cast.sales_staff, by=cast.admin, now=NOW)
    assert found("?q=专员") == {"专员H"}
    assert found("?state=inactive") == {"专员C"}
    people.create_person(by=cast.admin, now=NOW, username="n", name="新人")
    assert found("?state=no_password") == {"新人"}


@pytest.mark.parametrize(
    "query", ["q=%00", "department=99999999999999999999", "department=x", "before=x", "state=%00"]
)
def test_odd_filters_are_no_error(cast, sign_in, query):
    assert sign_in(cast.outsider).get(f"/people/?{query}").status_code == 200
