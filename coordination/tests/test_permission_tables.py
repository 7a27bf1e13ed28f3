"""The document of who may do what is that of the tables, and leaves out none."""

from pathlib import Path

import pytest

from coordination.permission_tables import tables, written_down
from coordination.permissions import Table, rule
from coordination.tests.test_architecture import ORDER, ROOT

DOCUMENT = Path(ROOT, "docs", "permissions.md")


def test_the_document_is_up_to_date():
    assert DOCUMENT.read_text() == written_down(), "manage.py permissions > docs/permissions.md"


def test_every_package_with_acts_stands_in_it():
    written = {package for package, _noun, _table in tables()}
    assert written == {p for p in ORDER if Path(ROOT, p, "permissions.py").exists()}


def test_a_composed_rule_reads_as_a_sentence():
    a, b, c = (rule(name)(lambda _user, _thing: True) for name in "abc")
    assert ((a | b) & ~c | a).name == "((a or b) and not c) or a"


@pytest.mark.parametrize("active", [True, False])
def test_nobody_whose_access_has_ended_may_do_anything(django_user_model, active):
    table = Table({"act": rule("everybody")(lambda _user, _thing: True)})
    assert table.allows(django_user_model(is_active=active), "act", None) == active


def test_an_unknown_act_is_an_error_and_never_a_yes(django_user_model):
    with pytest.raises(KeyError):
        Table().allows(django_user_model(), "unknown", None)
