"""The organisation's settings, and the pattern of the task numbers (R5)."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Organisation, check_number_pattern


@pytest.mark.parametrize(
    "pattern",
    [
        "{year}-{department}-{sequence:03d}",
        "{department}-{year}-{sequence:03d}",
        "No. {sequence} / {department} / {year}",
    ],
)
def test_patterns_that_write_distinct_numbers(pattern):
    check_number_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "{year}-{sequence}",
        "{year}{department}{sequence}",
        "{department}0{sequence}-{year}",
        "{year}-{department}-{sequence}-{sequence}",
        "{year.__class__}-{department}-{sequence}",
        "{year:>999999999}-{department}-{sequence}",
        "{year}-{department}-{sequence}-{",
        "{year}-{department}-{sequence}-{other}",
        "{year!r}-{department}-{sequence}",
        "{year}-{department}-{sequence}" + "x" * 30,
    ],
)
def test_patterns_that_do_not(pattern):
    with pytest.raises(ValidationError):
        check_number_pattern(pattern)


def settings_form(**changes):
    return {
        "name": "示例集团",
        "time_zone": "Asia/Shanghai",
        "language": "zh-hans",
        "number_pattern": "{department}-{year}-{sequence:03d}",
        "tolerance": 5,
        "silent_days": 10,
        "moved_times": 2,
        "quiet_departments": 3,
        "version": 1,
    } | changes


def test_the_settings_are_kept_and_a_stale_edit_is_told(cast, sign_in):
    client = sign_in(cast.admin)
    assert client.post("/organisation/", settings_form()).status_code == 302
    assert Organisation.current().name == "示例集团"
    assert client.post("/organisation/", settings_form(name="旧")).status_code == 409
    assert client.post("/organisation/", settings_form(time_zone="Mars")).status_code == 422


def test_the_time_zone_is_typed_and_checked(cast, sign_in):
    client = sign_in(cast.admin)
    page = client.get("/organisation/").content.decode()
    assert '<input type="text" name="time_zone" value="Asia/Shanghai"' in page
    assert '<option value="America/New_York">America/New York</option>' in page
    refused = client.post("/organisation/", settings_form(time_zone="Shanghai"))
    assert "“Shanghai” is not a time zone" in str(refused.context["form"].errors["time_zone"])
    client.post("/organisation/", settings_form(time_zone=" America/New_York "))
    assert Organisation.current().time_zone == "America/New_York"


def test_whether_monday_noon_moves_is_a_choice(cast, sign_in):
    client = sign_in(cast.admin)
    client.post("/organisation/", settings_form())
    assert not Organisation.current().monday_moves
    client.post("/organisation/", settings_form(monday_moves="on", version=2))
    assert Organisation.current().monday_moves


def test_before_the_first_settings_the_shipped_ones_stand(cast, sign_in):
    Organisation.objects.all().delete()
    client = sign_in(cast.admin)
    assert client.get("/organisation/").status_code == 200
    assert client.post("/organisation/", settings_form()).status_code == 302


def test_the_example_follows_what_is_typed(cast, sign_in):
    client = sign_in(cast.admin)
    url = "/organisation/number-example/"
    pattern = {"number_pattern": "{department}/{year}/{sequence:02d}"}
    assert "总办/" in client.get(url, pattern).content.decode()
    assert "总办" not in client.get(url, {"number_pattern": "{year"}).content.decode()
