"""Passwords: long, not the person's own name, not the ones everybody tries first."""

import pytest
from django.contrib.auth.password_validation import password_changed, validate_password
from django.core.exceptions import ValidationError

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


def test_the_own_name_is_no_password(cast):
    cast.outsider.username = "kuaiji.zhang.san"
    with pytest.raises(ValidationError):
        validate_password("kuaiji.zhang.san1", cast.outsider)
