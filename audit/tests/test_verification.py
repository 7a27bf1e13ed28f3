"""Whoever changes the history past the system is found out, and what they changed is named."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import Organisation
from audit import history, seals
from audit.models import Event, Seal
from audit.seals import seal_new
from audit.verification import verify
from conftest import at, released

NOW = at("2024-10-05 14:00")


@pytest.fixture
def events(db, monkeypatch):
    """Nine entries under three seals of three, the last nine of the history."""
    while seal_new(NOW):
        pass
    monkeypatch.setattr(seals, "BATCH", 3)
    organisation = Organisation.objects.create(pk=1, name="示例公司")
    written = [
        history.record(organisation, "organisation.edited", by=None, now=NOW, reason=f"第{n}次")
        for n in range(9)
    ]
    seal_new(NOW)
    return written


@pytest.fixture
def three_seals(events):
    """The seals of those entries, oldest first."""
    return [*Seal.objects.all()[:3]][::-1]


def found():
    return [(finding.code, finding.number) for step in verify() for finding in step.findings]


def sql(statement, *values):
    """As somebody who has lifted the triggers."""
    with released(Event, Seal), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_a_history_as_it_was_written_is_in_order(events, capsys):
    assert found() == []
    call_command("verify_history")
    told = capsys.readouterr().out
    assert "All is as it was written" in told
    assert f"Last seal: {Seal.objects.first()}. Entries not sealed yet: 0." in told


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("actor_name", "别人"),
        ("actor_id", 7),
        ("action", "organisation.seen"),
        ("subject_label", "另一家公司"),
        ("subject_id", 2),
        ("task_id", 1),
        ("reason", ""),
        ("changes", '{"name": ["a", "b"]}'),
        ("at", "2024-10-05 14:00:01+00:00"),
    ],
)
def test_a_changed_entry_is_named(events, column, value):
    sql(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, events[4].pk)
    assert found() == [("entry_changed", str(events[4].pk))]


def test_the_command_says_in_words_what_was_changed_and_fails(events, capsys):
    sql("UPDATE audit_event SET actor_name = '别人' WHERE id = %s", events[4].pk)
    with pytest.raises(CommandError, match="Found: 1"):
        call_command("verify_history")
    told = capsys.readouterr().err
    assert f"Entry no. {events[4].pk} of the history was changed after it was sealed." in told
    for word in ("2024-10-05", "别人", "organisation.edited", "示例公司"):
        assert word in told


@pytest.mark.parametrize("place", [0, 2, 3, 8])
def test_a_deleted_entry_is_missed(events, place):
    sql("DELETE FROM audit_event WHERE id = %s", events[place].pk)
    assert found() == [("entry_missing", str(events[place].pk))]


def test_an_entry_put_in_the_middle_is_found(events):
    gap = events[4].pk
    sql("DELETE FROM audit_event WHERE id = %s", gap)
    row = events[4]
    row.reason = "另写的"
    row.save(force_insert=True)
    assert found() == [("entry_changed", str(gap))]


@pytest.mark.parametrize("pk", [0, -5, -(2**63)])
def test_an_entry_put_before_all_others_is_found(events, pk):
    row = events[4]
    row.pk = pk
    row.save(force_insert=True)
    assert found() == [("entry_added", str(pk))]


def test_two_entries_that_changed_places_are_both_found(events):
    one, other = events[1].pk, events[2].pk
    for old, new in [(one, -1), (other, one), (-1, other)]:
        sql("UPDATE audit_event SET id = %s WHERE id = %s", new, old)
    assert found() == [("entry_changed", str(one)), ("entry_changed", str(other))]


def test_a_changed_seal_is_found_even_when_its_digest_fits_the_entry(events, three_seals):
    """The attacker makes the digest of the entry anew; the seal needs the key."""
    sql("UPDATE audit_event SET reason = '另写的' WHERE id = %s", events[4].pk)
    row = Event.objects.values_list(*seals.FIELDS).get(pk=events[4].pk)
    lines = three_seals[1].digests.split("\n")
    lines[1] = f"{events[4].pk} {seals.digest_of(row)}"
    sql("UPDATE audit_seal SET digests = %s WHERE id = %s", "\n".join(lines), three_seals[1].pk)
    assert found() == [("seal_changed", str(three_seals[1].number))]


@pytest.mark.parametrize(
    ("column", "value"),
    [("sealed_at", "2024-01-01 00:00:00+00:00"), ("last_id", 1), ("digest", "0" * 64)],
)
def test_a_seal_changed_in_any_way_is_found(events, three_seals, column, value):
    changed = three_seals[1]
    values = (value, changed.pk)
    sql(f"UPDATE audit_seal SET {column} = %s WHERE id = %s", *values)
    assert ("seal_changed", str(changed.number)) in found()


def test_a_seal_taken_out_is_missed(events, three_seals):
    sql("DELETE FROM audit_seal WHERE id = %s", three_seals[1].pk)
    assert found() == [("seal_missing", str(three_seals[1].number))]


def test_seals_made_with_another_key_do_not_count(events, three_seals, settings):
    settings.HISTORY_KEYS = ["another"]
    assert {code for code, _number in found()} == {"seal_changed"}


def test_a_seal_cut_off_the_end_is_missed_by_whoever_noted_it(events, three_seals, capsys):
    noted = str(three_seals[2])
    call_command("verify_history", "--noted", noted)
    sql("DELETE FROM audit_seal WHERE id = %s", three_seals[2].pk)
    assert found() == []
    with pytest.raises(CommandError):
        call_command("verify_history", "--noted", noted)
    assert f"Seal {noted}, noted outside, does not stand" in capsys.readouterr().err


@pytest.mark.parametrize("noted", ["", "-", "x-y", "1-", "9" * 40 + "-0", "²-0", "1-zzz"])
def test_a_note_that_names_no_seal_is_said_not_to_stand(events, noted):
    with pytest.raises(CommandError):
        call_command("verify_history", "--noted", noted)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its types")
@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "gestern"), ("at", "2024-13-45 99:99"), ("actor_id", "x"), ("changes", "7")],
)
def test_an_entry_that_cannot_be_read_any_more_is_named_too(events, column, value):
    sql(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, events[4].pk)
    assert found() == [("entry_changed", str(events[4].pk))]


def test_what_is_not_sealed_yet_is_not_vouched_for(events):
    organisation = Organisation.objects.get()
    late = history.record(organisation, "organisation.edited", by=None, now=timezone.now())
    sql("UPDATE audit_event SET reason = 'x' WHERE id = %s", late.pk)
    assert found() == []
    seal_new(NOW + dt.timedelta(minutes=1))
    sql("UPDATE audit_event SET reason = 'y' WHERE id = %s", late.pk)
    assert found() == [("entry_changed", str(late.pk))]
