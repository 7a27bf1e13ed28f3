"""The first administrator: one command, no default, no weak password."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.models import User
from audit.models import Event
from conftest import PASSWORD
from coordination.management.commands.up import wants_demo
from signin.management.commands import create_administrator as command


@pytest.fixture
def typed(monkeypatch):
    """What is typed, word by word."""
    words = []
    monkeypatch.setattr(command, "getpass", lambda prompt: words.pop(0))
    return words


def create(*args):
    call_command("create_administrator", *args)


def test_asks_for_a_password_with_which_one_signs_in(db, typed, capsys):
    typed += [PASSWORD, PASSWORD]
    create("zhang.san", "--email", "z@example.com", "--name", "张三")
    person = User.objects.get()
    assert (person.username, person.name, person.email) == ("zhang.san", "张三", "z@example.com")
    assert person.is_staff
    assert Client().login(username="zhang.san", password=PASSWORD)
    assert PASSWORD not in capsys.readouterr().out
    assert Event.objects.about(person).get().action == "person.created"


def test_where_nobody_can_type_a_link_is_named(db, monkeypatch):
    def no_terminal(prompt):
        raise EOFError

    monkeypatch.setattr(command, "getpass", no_terminal)
    with pytest.raises(CommandError, match="--link"):
        create("zhang.san")
    assert not User.objects.exists()


def test_prints_a_link_with_which_they_set_it_themselves(client, db, capsys):
    create("zhang.san", "--link")
    link = capsys.readouterr().out.split()[-1]
    address = link.removeprefix("http://127.0.0.1:8000")
    key = address.partition("key=")[2]
    assert client.get(address).status_code == 200
    words = {"key": key, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post("/password/new/", words).status_code == 302
    assert Client().login(username="zhang.san", password=PASSWORD)


@pytest.mark.parametrize(
    ("passwords", "args", "said"),
    [
        (["kurz"] * 2, ["a"], "fewer than 12"),
        (["password1234"] * 2, ["a"], "too common"),
        ([PASSWORD, PASSWORD + "x"], ["a"], "not the same"),
        ([PASSWORD] * 2, ["a b"], "valid username"),
        ([PASSWORD] * 2, ["a", "--email", "x"], "valid email"),
        ([PASSWORD] * 2, ["会计K"], "Another person"),
    ],
)
def test_refuses_with_words_and_makes_nobody(cast, typed, passwords, args, said):
    before = User.objects.count()
    typed += passwords
    with pytest.raises(CommandError, match=said):
        create(*args)
    assert User.objects.count() == before


def test_nobody_is_there_from_the_start(db, settings):
    """Everybody knows the passwords of the demo: it is loaded in the embedded mode only."""
    assert not User.objects.exists()
    settings.EMBEDDED = True
    assert wants_demo(asked=True) and not wants_demo(asked=False)
    settings.EMBEDDED = False
    assert not wants_demo(asked=True)
