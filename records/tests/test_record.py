"""The record is one value that survives its way through JSON unchanged."""

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordination.plain import to_plain
from records.canonical import canonical
from records.record import Target, TaskRecord, from_plain
from records.tests.example import BASICS, RECORD

ZONES = [dt.UTC, dt.timezone(dt.timedelta(hours=8)), dt.timezone(dt.timedelta(hours=-3.5))]
moments = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2100, 1, 1), timezones=st.sampled_from(ZONES))  # fmt: skip # noqa: DTZ001, E501
numbers = st.decimals(-(10**12), 10**12, places=3)
for kind, values in ((dt.datetime, moments), (dt.date, st.dates()), (Decimal, numbers)):
    st.register_type_strategy(kind, values)


@given(st.from_type(TaskRecord))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_record_comes_back_from_json_as_it_was(record):
    assert from_plain(json.loads(canonical(record))) == record


def test_the_same_content_is_the_same_text_wherever_it_was_read():
    """SQLite gives 500, PostgreSQL 500.000; one clock shows Shanghai, another UTC."""
    target = BASICS.targets[0]
    elsewhere = replace(target, number=Decimal("500.000"))
    again = replace(RECORD, basics=replace(BASICS, targets=(elsewhere, BASICS.targets[1])))
    assert again == RECORD
    assert canonical(again) == canonical(RECORD)
    assert to_plain(Target("", Decimal("1E+3"), "", None))["number"] == "1000"
    assert to_plain(RECORD)["communications"][0]["starts_at"] == "2024-10-05T06:00:00+00:00"


def test_a_record_with_a_part_missing_is_not_read_as_if_it_were_whole():
    plain = to_plain(RECORD)
    del plain["basics"]["goal"]
    with pytest.raises(KeyError):
        from_plain(plain)
