"""The work calendar as a page: everybody looks at it, administrators keep it."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from coordination.tests.html_forms import forms_of
from deadlines.calendar import years_without_data
from deadlines.calendar.months import months_of
from deadlines.models import CalendarDay, CalendarYear

URL = "/organisation/calendar/"
YEAR = f"{URL}2026/"
NOTICE = "The calendar does not have all official days of"


@pytest.fixture
def admin(cast, sign_in):
    return sign_in(cast.admin)


@pytest.fixture
def holiday(db):
    return CalendarDay.objects.get(date="2026-10-01")


def entered(client, url=YEAR, **values):
    days = {"first": "2026-05-20", "last": "", "is_working": "off", "name": "司庆"}
    return client.post(url, days | {"once": uuid.uuid4()} | values)


def text_of(response):
    return response.content.decode()


# Looking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["market_head", "outsider", "records", "admin"])
def test_everybody_sees_the_year_with_its_holidays(cast, sign_in, person):
    page = text_of(sign_in(getattr(cast, person)).get(YEAR))
    assert page.count("<caption>") == 12
    assert '<time datetime="2026-10-01">1</time> <small>off</small>' in page
    assert '<time datetime="2026-10-10">10</time> <small>work</small>' in page
    assert "国庆节" in page
    assert ("/days/" in page) == (person == "admin")


def test_without_a_year_the_current_one_is_shown_with_today_marked(admin):
    page = text_of(admin.get(URL))
    today = timezone.localdate()
    assert f"Work calendar {today.year}" in page
    assert page.count('aria-current="date"') == 1
    assert page.partition('aria-current="date"')[2].startswith(f'><time datetime="{today}"')


def test_a_month_begins_on_monday_and_puts_days_off_together(db):
    days = CalendarDay.objects.filter(date__year=2026)
    october = months_of(2026, days, dt.date(2026, 11, 23))[9]
    assert [cell and cell.date.day for cell in october.weeks[0]] == [None, None, None, 1, 2, 3, 4]
    looks = {cell.date.day: cell.look for week in october.weeks for cell in week if cell}
    assert [looks[n] for n in (3, 7, 8, 10, 11)] == ["off", "off", "", "work", "weekend"]
    spans = [(span.first.date.day, span.last.date.day) for span in october.spans]
    assert spans == [(1, 7), (10, 10)]


@pytest.mark.parametrize("year", [1900, 2023, 2027, 2999])
def test_a_year_without_days_is_shown_as_such(admin, year):
    CalendarDay.objects.filter(date__year=year).delete()
    page = text_of(admin.get(f"{URL}{year}/"))
    assert "official days not complete" in page
    assert "Nothing is entered for this year" in page


@pytest.mark.parametrize("year", ["0", "1", "1899", "3000", "99999", "9" * 20, "9" * 300])
def test_a_year_out_of_reach_is_not_found(admin, year):
    assert admin.get(f"{URL}{year}/").status_code == 404
    assert entered(admin, f"{URL}{year}/").status_code == 404
    for act in ("confirm", "reopen"):
        assert admin.post(f"{URL}{year}/{act}/").status_code == 404


def statements(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# Session, person, organisation, troubles, the bell; days, year, missing years, history.
def test_the_same_number_of_statements_at_three_and_at_thirty_rows(admin):
    CalendarDay.objects.filter(date__gt="2026-01-03").delete()
    few = statements(admin, YEAR)
    entered(admin, first="2026-06-01", last="2026-06-30")
    assert statements(admin, YEAR) == few <= 10


# Keeping ----------------------------------------------------------------------------------------


def test_an_administrator_enters_days_and_sees_them(admin):
    answer = entered(admin, first="2027-02-05", last="2027-02-12", name="春节")
    assert answer.headers["Location"] == f"{URL}2027/"
    page = text_of(admin.get(f"{URL}2027/"))
    assert "8 days are entered." in page
    assert "5–12" in page
    assert "entered" in page.partition("History")[2]


def test_the_same_form_sent_twice_has_one_effect(admin):
    once = uuid.uuid4()
    answers = [entered(admin, once=once) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Event.objects.filter(action="calendar.day_set").count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Please fill this in."),
        ({"first": "2026-10-01"}, "Already in the calendar: 2026-10-01."),
        ({"first": "2026-05-20", "last": "2026-05-19"}, "must not lie before the first"),
        ({"first": "2026-05-20", "last": "2026-07-21"}, "At most 62 days at once."),
        ({"first": "0001-01-01"}, "Enter a date such as"),
        ({"first": "9999-12-31"}, "Enter a date such as"),
        ({"first": "2026-02-30"}, "Enter a date such as"),
        ({"first": "2026-05-20", "last": "2999-12-31"}, "At most 62 days at once."),
        ({"first": "2026-05-20", "is_working": "maybe"}, "maybe"),
        ({"first": "2026-05-20", "name": "长" * 61}, "60"),
        ({"first": "2026-05-20", "name": "a\0b"}, "Null characters"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(admin, values, words):
    before = CalendarDay.objects.count()
    answer = entered(admin, **({"first": "", "name": "司庆"} | values))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert values.get("name", "司庆") in text_of(answer)
    assert CalendarDay.objects.count() == before


def test_names_are_text_and_nothing_else(admin):
    hostile = "=1+1 <script>alert(1)</script> {{7*7}} %s"
    entered(admin, name=hostile)
    day = CalendarDay.objects.get(name=hostile)
    for url in (YEAR, f"{URL}days/{day.pk}/"):
        page = text_of(admin.get(url))
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_an_administrator_changes_a_day(admin, holiday):
    url = f"{URL}days/{holiday.pk}/"
    [form] = [f for f in forms_of(admin.get(url)) if f.action == url]
    assert form.filled()["is_working"] == ["off"]
    assert admin.post(url, form.filled(is_working="work", name="值班")).status_code == 302
    holiday.refresh_from_db()
    assert (holiday.is_working, holiday.name) == (True, "值班")


def test_a_stale_edit_shows_who_changed_what_and_may_be_sent_again(admin, holiday):
    url = f"{URL}days/{holiday.pk}/"
    values = {"version": 1, "is_working": "work"}
    admin.post(url, values | {"name": "国庆"})
    stale = admin.post(url, values | {"name": "值班"})
    assert stale.status_code == 409
    assert "国庆" in text_of(stale)
    [form] = [f for f in forms_of(stale) if f.action == url]
    assert admin.post(url, form.filled()).status_code == 302
    holiday.refresh_from_db()
    assert holiday.name == "值班"


def test_a_removed_day_is_gone_and_its_history_stays(admin, holiday):
    url = f"{URL}days/{holiday.pk}/"
    answer = admin.post(f"{url}remove/", follow=True)
    assert "2026-10-01 国庆节 is removed from the calendar." in text_of(answer)
    assert "2026-10-01 国庆节" in text_of(admin.get(YEAR)).partition("History")[2]
    assert admin.get(url).status_code == 404
    assert admin.post(f"{url}remove/").status_code == 404


def test_others_may_change_nothing(cast, sign_in, holiday):
    client = sign_in(cast.market_head)
    assert entered(client).status_code == 403
    assert client.get(f"{URL}days/{holiday.pk}/").status_code == 403
    for act in (f"days/{holiday.pk}/", f"days/{holiday.pk}/remove/", "2026/confirm/"):
        assert client.post(URL + act).status_code == 403


# A year that is missing -------------------------------------------------------------------------


@pytest.fixture
def missing():
    """This year, as if no version of the package had known it."""
    year = timezone.localdate().year
    CalendarYear.objects.filter(year=year).delete()
    assert year in years_without_data(timezone.localdate())
    return year


@pytest.mark.parametrize("url", ["/", URL])
def test_administrators_are_told_on_their_first_page_and_on_the_calendar(admin, missing, url):
    assert f"{NOTICE} {missing} yet." in text_of(admin.get(url))


@pytest.mark.parametrize("url", ["/", URL])
def test_others_are_not_asked_for_what_they_cannot_do(cast, sign_in, missing, url):
    assert NOTICE not in text_of(sign_in(cast.market_head).get(url))


def test_the_notice_goes_when_the_year_is_marked_as_complete(admin, missing):
    entered(admin, first=f"{missing}-08-20")
    admin.post(f"{URL}{missing}/confirm/")
    page = text_of(admin.get(URL))
    assert "official days complete" in page
    assert f"{NOTICE} {missing}" not in page
    admin.post(f"{URL}{missing}/reopen/")
    assert f"{NOTICE} {missing}" in text_of(admin.get("/"))


def test_a_year_without_days_cannot_be_marked_and_the_page_says_why(admin):
    answer = admin.post(f"{URL}2999/confirm/", headers={"referer": f"{URL}2999/"}, follow=True)
    assert "No day of this year is entered yet." in text_of(answer)
