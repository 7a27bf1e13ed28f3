"""Who is away when, and who stands in: one absence at a time, kept by those it concerns."""

import datetime as dt
import threading

import pytest
from django.db import connections
from django.utils import timezone

from accounts.absence import stand_in_away, stand_ins
from accounts.models import Absence, User
from accounts.services import absences, people
from accounts.services.absences import (
    AbsenceOver,
    AllInThePast,
    AwayAlready,
    CannotStandIn,
    EndsBeforeItBegins,
    StandsInForOneself,
)
from accounts.services.people import StillNeeded
from audit.models import Event
from conftest import at, make_cast
from coordination.errors import EditedMeanwhile, NotAllowed
from deadlines.models import Notice

NOW = at("2024-10-08 09:00")
DAY = dt.timedelta(days=1)


def october(day):
    return dt.date(2024, 10, day)


def plan(cast, first=14, last=18, **changes):
    """专员H is away, 经理D stands in."""
    fields = {
        "person": cast.market_staff,
        "stand_in": cast.market_head,
        "starts_on": october(first),
        "ends_on": october(last),
        "by": cast.market_staff,
        "now": NOW,
    }
    return absences.plan_absence(**fields | changes)


def change(absence, first=14, last=18, **changes):
    fields = {
        "absence": absence,
        "stand_in": absence.stand_in,
        "starts_on": october(first),
        "ends_on": october(last),
        "by": absence.person,
        "now": NOW,
        "version": absence.version,
    }
    return absences.change_absence(**fields | changes)


def actions(absence):
    return list(Event.objects.about(absence).values_list("action", flat=True))


# Planning


def test_an_absence_is_planned_with_its_history(cast):
    absence = plan(cast)
    event = Event.objects.about(absence).get()
    assert event.actor_name == "专员H"
    assert event.changes == {
        "stand_in": [None, "经理D"],
        "starts_on": [None, "2024-10-14"],
        "ends_on": [None, "2024-10-18"],
    }


def test_somebody_else_stands_in(cast):
    with pytest.raises(StandsInForOneself) as refused:
        plan(cast, stand_in=cast.market_staff)
    assert refused.value.field == "stand_in"


def test_whoever_stands_in_can_sign_in(cast):
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)
    with pytest.raises(CannotStandIn, match="会计K") as refused:
        plan(cast, stand_in=cast.outsider)
    assert refused.value.field == "stand_in"


def test_the_last_day_does_not_lie_before_the_first(cast):
    with pytest.raises(EndsBeforeItBegins) as refused:
        plan(cast, 14, 13)
    assert refused.value.field == "ends_on"
    assert plan(cast, 14, 14).ends_on == october(14)


def test_what_is_over_is_not_planned_but_what_has_begun_is(cast):
    with pytest.raises(AllInThePast) as refused:
        plan(cast, 1, 7)
    assert refused.value.field == "ends_on"
    assert plan(cast, 1, 8).starts_on == october(1)


def test_today_is_the_organisations_today(cast):
    """At 18:00 in London of the 8th the 9th has begun in Shanghai."""
    with pytest.raises(AllInThePast):
        plan(cast, 8, 8, now=dt.datetime(2024, 10, 8, 18, tzinfo=dt.UTC))
    cast.market_staff.refresh_from_db()
    assert plan(cast, 9, 9, now=dt.datetime(2024, 10, 8, 18, tzinfo=dt.UTC))


@pytest.mark.parametrize(("first", "last"), [(10, 14), (18, 20), (15, 16), (1, 31), (14, 18)])
def test_two_absences_of_one_person_share_no_day(cast, first, last):
    plan(cast, 14, 18)
    with pytest.raises(AwayAlready, match=r"专员H.*14 Oct 2024.*18 Oct 2024") as refused:
        plan(cast, first, last)
    assert refused.value.field == "starts_on"
    assert Absence.objects.count() == 1


def test_what_touches_no_day_stands_beside_it(cast):
    plan(cast, 14, 18)
    plan(cast, 19, 20)
    plan(cast, 8, 13)
    plan(cast, 14, 18, person=cast.sales_staff, stand_in=cast.sales_head, by=cast.sales_staff)
    assert Absence.objects.count() == 4


def test_a_cancelled_absence_leaves_its_days_free(cast):
    absences.end_absence(absence=plan(cast), by=cast.market_staff, now=NOW)
    assert plan(cast)


@pytest.mark.django_db(transaction=True)
def test_two_people_plan_for_one_person_at_the_same_moment_and_one_wins():
    cast = make_cast()
    barrier, refused = threading.Barrier(8), []

    def act(by, day):
        barrier.wait()
        try:
            plan(cast, day, 20, by=by)
        except AwayAlready as error:
            refused.append(error)
        finally:
            connections.close_all()

    by = [cast.market_staff, cast.market_head] * 4
    threads = [threading.Thread(target=act, args=(by[n], 9 + n)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 7
    assert actions(Absence.objects.get()) == ["absence.planned"]
    assert Event.objects.filter(action="absence.planned").count() == 1


# Changing and ending


def test_days_and_stand_in_change_with_their_history(cast):
    absence = change(plan(cast), 15, 21, stand_in=cast.director)
    assert (absence.starts_on, absence.ends_on) == (october(15), october(21))
    assert Event.objects.about(absence).first().changes == {
        "stand_in": ["经理D", "总监A"],
        "starts_on": ["2024-10-14", "2024-10-15"],
        "ends_on": ["2024-10-18", "2024-10-21"],
    }


def test_a_change_is_checked_like_a_plan(cast):
    plan(cast, 14, 18)
    absence = plan(cast, 21, 25)
    for error, days in [
        (AwayAlready, (18, 25)),
        (EndsBeforeItBegins, (25, 21)),
        (AllInThePast, (1, 7)),
    ]:
        with pytest.raises(error):
            change(absence, *days)
    with pytest.raises(StandsInForOneself):
        change(absence, 21, 25, stand_in=cast.market_staff)
    absence.refresh_from_db()
    assert (absence.starts_on, absence.version) == (october(21), 1)


def test_a_stale_change_is_told(cast):
    absence = plan(cast)
    change(absence, 14, 17)
    with pytest.raises(EditedMeanwhile) as refused:
        change(Absence.objects.get(), 14, 20, version=1)
    assert [event.action for event in refused.value.events] == ["absence.changed"]
    assert Absence.objects.get().ends_on == october(17)


def test_who_is_back_early_was_away_until_yesterday(cast):
    absence = plan(cast, 14, 18)
    absences.end_absence(absence=absence, by=cast.market_head, now=at("2024-10-16 08:30"))
    assert Absence.objects.get().ends_on == october(15)
    assert actions(absence) == ["absence.ended", "absence.planned"]


@pytest.mark.parametrize("day", [8, 14])
def test_what_has_not_begun_before_today_is_cancelled_and_keeps_its_row(cast, day):
    absence = plan(cast, 14, 18)
    absences.end_absence(absence=absence, by=cast.market_staff, now=at(f"2024-10-{day:02} 12:00"))
    assert Absence.objects.get().is_cancelled
    assert actions(absence) == ["absence.cancelled", "absence.planned"]


def test_what_is_over_or_cancelled_stays_as_it_was(cast):
    over, cancelled = plan(cast, 8, 9), plan(cast, 14, 18)
    absences.end_absence(absence=cancelled, by=cast.market_staff, now=NOW)
    later = NOW + 2 * DAY
    for absence in (over, cancelled):
        with pytest.raises(AbsenceOver):
            change(absence, 14, 20, now=later)
        with pytest.raises(AbsenceOver):
            absences.end_absence(absence=absence, by=cast.market_staff, now=later)


# Who may


MAY = {
    "market_staff": True,  # themselves
    "market_head": True,  # heads 市场部
    "admin": True,
    "director": False,
    "sales_head": False,
    "research_contact": False,
    "records": False,
    "outsider": False,
}


@pytest.mark.parametrize(("person", "may"), MAY.items())
def test_the_person_their_head_or_an_administrator_keeps_absences(cast, sign_in, person, may):
    by = getattr(cast, person)
    existing = plan(cast, 28, 30)
    calls = [
        lambda: plan(cast, by=by),
        lambda: change(existing, 28, 31, by=by),
        lambda: absences.end_absence(absence=existing, by=by, now=NOW),
    ]
    for call in calls:
        if may:
            call()
        else:
            with pytest.raises(NotAllowed):
                call()
    page = sign_in(by).get(f"/people/{cast.market_staff.pk}/absences/new/")
    assert page.status_code == (200 if may else 403)


def test_each_head_of_somebodys_departments_may(cast):
    cast.market_staff.memberships.create(department=cast.sales)
    assert plan(cast, by=cast.sales_head)


# Standing in


def test_stand_ins_of_a_day_come_in_one_statement(cast, django_assert_num_queries):
    plan(cast, 14, 18)
    plan(cast, 18, 20, person=cast.sales_staff, stand_in=cast.sales_head, by=cast.sales_staff)
    cancelled = plan(
        cast, 14, 18, person=cast.outsider, stand_in=cast.finance_head, by=cast.outsider
    )
    absences.end_absence(absence=cancelled, by=cast.outsider, now=NOW)
    everybody = [cast.market_staff.pk, cast.sales_staff.pk, cast.outsider.pk, cast.director.pk]

    def on(day, ids=everybody):
        with django_assert_num_queries(1):
            return {pk: str(user) for pk, user in stand_ins(ids, october(day)).items()}

    assert on(13) == {}
    assert on(14) == {cast.market_staff.pk: "经理D"}
    assert on(18) == {cast.market_staff.pk: "经理D", cast.sales_staff.pk: "主管G"}
    assert on(19) == {cast.sales_staff.pk: "主管G"}
    assert on(18, [cast.sales_staff.pk]) == {cast.sales_staff.pk: "主管G"}
    assert on(21) == {}


def test_there_is_no_chain_of_stand_ins(cast):
    absence = plan(cast)
    assert stand_in_away(absence) is None
    own = plan(cast, 18, 25, person=cast.market_head, stand_in=cast.director, by=cast.market_head)
    assert stand_in_away(absence) == own
    ids = [cast.market_staff.pk, cast.market_head.pk]
    assert stand_ins(ids, october(18)) == {
        cast.market_staff.pk: cast.market_head,
        cast.market_head.pk: cast.director,
    }


def test_whoever_stands_in_is_not_deactivated(cast):
    absence = plan(cast, person=cast.sales_head, stand_in=cast.sales_staff, by=cast.sales_head)
    deactivate = {"person": cast.sales_staff, "by": cast.admin}
    with pytest.raises(StillNeeded, match="Stands in for: 主管G"):
        people.deactivate_person(**deactivate, now=NOW)
    with pytest.raises(StillNeeded):
        people.deactivate_person(**deactivate, now=at("2024-10-18 23:59"))
    change(absence, stand_in=cast.director)
    people.deactivate_person(**deactivate, now=NOW)


def test_having_stood_in_keeps_nobody(cast):
    plan(cast, person=cast.sales_head, stand_in=cast.sales_staff, by=cast.sales_head)
    people.deactivate_person(person=cast.sales_staff, by=cast.admin, now=at("2024-10-19 00:00"))
    assert not User.objects.get(pk=cast.sales_staff.pk).is_active


def offered(person):
    return {str(each) for each in absences.who_may_stand_in(person)}


def test_colleagues_and_the_heads_above_are_offered(cast):
    User.objects.filter(pk=cast.sales_head.pk).update(is_active=False)
    assert offered(cast.market_staff) == {"经理D", "总监A"}
    assert offered(cast.sales_staff) == {"总监A"}
    assert offered(cast.outsider) == {"经理J"}
    assert offered(cast.records) == set()
    other = people.create_person(by=cast.admin, now=NOW, username="a", name="A", is_staff=True)
    assert offered(other) == {"管理员"}


# Pages


def form(**changes):
    today = timezone.localdate()
    return {"starts_on": today, "ends_on": today + 4 * DAY} | changes


def test_people_plan_change_and_cancel_among_their_settings(cast, sign_in):
    client = sign_in(cast.market_staff)
    url = f"/people/{cast.market_staff.pk}/absences/new/"
    assert url in client.get("/profile/").content.decode()
    refused = client.post(url, form(stand_in=cast.outsider.pk))
    assert refused.status_code == 422
    assert "stand_in" in refused.context["form"].errors
    response = client.post(url, form(stand_in=cast.market_head.pk))
    assert response["Location"] == "/profile/"
    absence = Absence.objects.get()
    page = client.get("/profile/").content.decode()
    assert "away now" in page
    assert f"/absences/{absence.pk}/edit/" in page
    again = client.post(url, form(stand_in=cast.market_head.pk))
    assert again.status_code == 422
    assert "already away" in str(again.context["form"].errors["starts_on"])
    edit = f"/absences/{absence.pk}/edit/"
    changed = form(stand_in=cast.director.pk, version=1)
    assert client.post(edit, changed)["Location"] == "/profile/"
    stale = client.post(edit, form(stand_in=cast.market_head.pk, version=1))
    assert stale.status_code == 409
    assert "planned the absence" in client.get(edit).content.decode()
    assert client.post(f"/absences/{absence.pk}/end/")["Location"] == "/profile/"
    assert "away now" not in client.get("/profile/").content.decode()
    over = client.get(edit, follow=True)
    assert "over or cancelled" in over.content.decode()


def test_everybody_sees_who_is_away_and_who_stands_in(cast, sign_in):
    today = timezone.localdate()
    plan(cast, starts_on=today - DAY, ends_on=today, now=timezone.now(), by=cast.market_head)
    client = sign_in(cast.outsider)
    assert "away until" in client.get("/people/?q=专员H").content.decode()
    assert "stand-in 经理D" in client.get("/people/?q=专员H").content.decode()
    assert "away until" not in client.get("/people/?q=专员C").content.decode()
    page = client.get(f"/people/{cast.market_staff.pk}/").content.decode()
    assert "away now" in page
    assert "Plan an absence" not in page
    assert "/end/" not in page


def test_people_see_for_whom_they_stand_in(cast, sign_in):
    today = timezone.localdate()
    plan(cast, starts_on=today, ends_on=today, now=timezone.now())
    page = sign_in(cast.market_head).get("/profile/").content.decode()
    assert "Stands in for</dt><dd>专员H" in page
    assert "Stands in for" not in sign_in(cast.market_staff).get("/profile/").content.decode()


def test_the_head_keeps_them_on_the_persons_page(cast, sign_in):
    client = sign_in(cast.market_head)
    page = f"/people/{cast.market_staff.pk}/"
    assert "Plan an absence" in client.get(page).content.decode()
    response = client.post(f"{page}absences/new/", form(stand_in=cast.market_head.pk))
    assert response["Location"] == page
    assert Event.objects.get(action="absence.planned").actor_name == "经理D"


def test_a_stand_in_who_is_away_too_is_said_and_not_refused(cast, sign_in):
    today = timezone.localdate()
    head = {"person": cast.market_head, "stand_in": cast.director, "by": cast.market_head}
    plan(cast, starts_on=today, ends_on=today, now=timezone.now(), **head)
    client = sign_in(cast.market_staff)
    url = f"/people/{cast.market_staff.pk}/absences/new/"
    page = client.post(url, form(stand_in=cast.market_head.pk), follow=True).content.decode()
    assert "经理D is away too" in page
    assert "The absence is planned." in page


def told(event_action):
    rows = Notice.objects.filter(event__action=event_action).values_list(
        "recipient__name", flat=True
    )
    return set(rows)


def test_whoever_is_away_and_whoever_stands_in_learn_of_it_from_another(cast):
    """A stand-in acts in the person's place: nobody gives that away behind their back."""
    plan(cast, by=cast.admin)
    assert told("absence.planned") == {"专员H", "经理D"}


def test_one_is_not_told_of_what_one_does(cast):
    absence = plan(cast, by=cast.market_staff)
    assert told("absence.planned") == {"经理D"}
    change(absence, stand_in=cast.director)
    assert told("absence.changed") == {"经理D", "总监A"}
