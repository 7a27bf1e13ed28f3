"""The night removes bytes that no row needs, and names rows whose bytes are gone."""

import datetime as dt
import os

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from attachments.jobs import sweep_files as job
from attachments.services import withdraw_file
from attachments.storage import stored_names
from attachments.tests.files import attached, put
from attachments.upkeep import sweep_files
from deadlines.models import Run

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def now():
    return timezone.now()


def aged(name, now, age):
    moment = (now - age).timestamp()
    os.utime(default_storage.path(name), (moment, moment))


def test_bytes_without_a_row_go_after_a_day(cast, running, now):
    kept = attached(running, by=cast.sales_staff, now=now)
    orphan = put()
    for name in (orphan.stored_as, kept.stored_as):
        aged(name, now, DAY - dt.timedelta(seconds=10))
    assert sweep_files(now).removed == []
    for name in (orphan.stored_as, kept.stored_as):
        aged(name, now, DAY + dt.timedelta(seconds=10))
    assert sweep_files(now, dry_run=True).removed == [orphan.stored_as]
    assert default_storage.exists(orphan.stored_as)
    assert sweep_files(now).removed == [orphan.stored_as]
    assert list(stored_names()) == [kept.stored_as]


def test_bytes_of_a_withdrawn_file_go_after_thirty_days_and_its_row_stays(cast, running, now):
    file = attached(running, by=cast.sales_staff, now=now)
    withdraw_file(attachment=file, by=cast.sales_staff, now=now)
    aged(file.stored_as, now, DAY)
    assert sweep_files(now + 29 * DAY).removed == []
    swept = sweep_files(now + 31 * DAY)
    assert (swept.removed, swept.missing) == ([file.stored_as], [])
    file.refresh_from_db()
    assert file.sha256


def test_a_row_without_its_bytes_is_named(cast, running, now, capsys):
    file = attached(running, by=cast.sales_staff, now=now, name="清单.csv")
    default_storage.delete(file.stored_as)
    assert sweep_files(now).missing == [file.pk]
    call_command("sweep_files", "--dry-run")
    assert f"missing: {file.pk} 清单.csv" in capsys.readouterr().out


def test_the_night_remembers_what_it_found(cast, running, now):
    attached(running, by=cast.sales_staff, now=now)
    aged(put().stored_as, now, 2 * DAY)
    assert job() == {"removed": 1, "missing": 0}
    assert Run.objects.get(pk="sweep_files").result == {"removed": 1, "missing": 0}


def test_an_empty_storage_is_no_trouble(db, now):
    assert sweep_files(now).removed == []
