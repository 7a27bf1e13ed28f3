"""What the campaigns of script/faults promise, each in short: nothing lost, nothing told twice."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

FAULTS = settings.BASE_DIR / "script" / "faults.py"
CAMPAIGNS = {
    "kill": "--kills 5 --reminders 90 --people 30",
    "tree": "--kills 2 --reminders 60 --people 30 --sqlite",
    "mail": "--bad 8 --reminders 40 --swallowed 2 --sqlite",
    "redis": "--kills 2 --reminders 60 --people 20 --forms 40 --sqlite",
    "postgres": "--restarts 2 --reminders 60 --people 30",
    "beat": "--reminders 100 --people 20 --minutes 0.05 --workers 2 --sqlite",
}


@pytest.mark.long
@pytest.mark.once
@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_reminders_survive(campaign):
    """Real processes; beat ticks every second and nobody waits for a lease of 90 s to end."""
    watched = ("COV", "DATA_DIR", "DATABASE_URL")
    environment = {name: v for name, v in os.environ.items() if not name.startswith(watched)}
    done = subprocess.run(
        [sys.executable, FAULTS, campaign, "--hurry", *CAMPAIGNS[campaign].split()],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
