"""Passwords: long, not the person's own name, not the ones everybody tries first."""

import re

import pytest
from django.contrib.auth.password_validation import password_changed, validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from accounts.models import Organisation, User
from conftest import PASSWORD
from coordination.demo import PASSWORD as DEMO_PASSWORD


@pytest.mark.parametrize(
    "password",
    ["kurz-und-gut", PASSWORD, DEMO_PASSWORD, "红烧肉配米饭加一碗青菜汤的周末", "x9" * 64],
)
def test_long_ones_of_any_characters_are_taken(cast, password):
    validate_password(password, cast.outsider)
    password_changed(password, cast.outsider)


@pytest.mark.parametrize(
    "password", ["kurz-und-gu", "qwerty123456", "password1234", "international"]
)
def test_short_and_common_ones_are_refused(cast, password):
    with pytest.raises(ValidationError):
        validate_password(password, cast.outsider)


@pytest.mark.parametrize(
    "password",
    ["市场部-市场部-2026", "coordination2026", "示例公司示例公司123!", "Admin-Password-1"],
)
def test_names_of_the_organisation_are_no_password(cast, password):
    Organisation.objects.update_or_create(pk=1, defaults={"name": "示例公司"})
    with pytest.raises(ValidationError):
        validate_password(password, cast.outsider)


def test_a_short_one_is_refused_in_the_language_of_the_page(cast):
    with translation.override("zh-hans"), pytest.raises(ValidationError, match="少于 12 个字符"):
        validate_password("短", cast.outsider)


def test_a_name_of_the_organisation_may_stand_in_a_long_one(cast):
    validate_password("市场部的猫昨天睡在雨伞里面", cast.outsider)


def test_the_own_name_is_no_password(cast):
    cast.outsider.username = "kuaiji.zhang.san"
    with pytest.raises(ValidationError):
        validate_password("kuaiji.zhang.san1", cast.outsider)


def test_who_came_with_the_company_account_alone_is_told_how_to_get_a_password(cast, sign_in):
    cast.outsider.set_unusable_password()
    cast.outsider.save()
    page = sign_in(cast.outsider).get("/profile/security/").content.decode()
    assert "Set a password" in page
    assert "Change the password" not in page


def test_wrong_name_and_wrong_password_take_as_long(cast, settings, monkeypatch):
    """Both cost the hashing of one password, whatever else they cost."""
    from django.contrib.auth import hashers

    hashed = []
    encode = hashers.MD5PasswordHasher.encode
    monkeypatch.setattr(
        hashers.MD5PasswordHasher,
        "encode",
        lambda self, *args: hashed.append(1) or encode(self, *args),
    )
    without = cast.sales_staff
    without.set_unusable_password()
    without.save()
    counts = []
    for name in ["会计K", "无此人", "专员C"]:
        hashed.clear()
        Client().post("/sign-in/", {"username": name, "password": "falsch"})
        counts.append(len(hashed))
    assert counts == [1, 1, 1]


def test_it_is_taken_exactly_as_typed(cast, client):
    exact = "  Ein Langes Kennwort 长 " + "x" * 100
    cast.outsider.set_password(exact)
    cast.outsider.save()
    for other in (exact.strip(), exact.lower(), exact[:-1], exact[:72]):
        answer = client.post("/sign-in/", {"username": "会计K", "password": other})
        assert answer.status_code == 422
    answer = client.post("/sign-in/", {"username": "会计K", "password": exact})
    assert answer.status_code == 302


def test_it_stays_good_for_years(cast, client):
    User.objects.update(date_joined="2001-01-01 00:00Z", last_login="2001-01-01 00:00Z")
    answer = client.post("/sign-in/", {"username": "会计K", "password": PASSWORD})
    assert answer.status_code == 302


def test_it_is_masked_and_may_be_filled_in_by_a_manager(db, client):
    page = client.get("/sign-in/").content.decode()
    (field,) = re.findall(r"<input[^>]*name=.password.[^>]*>", page)
    assert 'type="password"' in field and 'autocomplete="current-password"' in field
    assert "onpaste" not in page
