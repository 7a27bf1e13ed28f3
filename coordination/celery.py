"""The Celery application: what runs when, in one static table.

Beat may run twice: jobs are idempotent.
"""

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_process_init

from coordination.supervisor import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")

app = Celery("coordination")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
app.conf.beat_schedule = {
    # Every minute: what is due, which issues go further up, then what waits in the outbox.
    "sweep": {"task": "deadlines.jobs.sweep", "schedule": crontab(), "options": {"expires": 55}},
    "pass_up": {"task": "issues.jobs.pass_up", "schedule": crontab(), "options": {"expires": 55}},
    "deliver": {"task": "deadlines.jobs.deliver", "schedule": 20.0, "options": {"expires": 18}},
    # Every minute: weeks of which a report is to go out (noon on Monday, late input).
    "issue": {"task": "weekly.jobs.issue", "schedule": crontab(), "options": {"expires": 55}},
    # Every minute: does what was just done endanger a task, or end a danger?
    "watch-recent": {
        "task": "weekly.jobs.watch_recent",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    # Every minute: what was added to the history is sealed.
    "seal-history": {
        "task": "deadlines.jobs.seal_history",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    # Every hour: weeks begin without anybody acting, days pass that endanger a task, and how much
    # of what fell due was kept in time.
    "weeks": {"task": "weekly.jobs.open_weeks", "schedule": crontab(minute=0)},
    "watch": {"task": "weekly.jobs.watch", "schedule": crontab(minute=10)},
    "punctuality": {
        "task": "deadlines.jobs.count_punctuality",
        "schedule": crontab(minute=20),
    },
    # At night (03:30 in Shanghai), and within a minute where somebody's change asks for it.
    "reconcile": {"task": "deadlines.jobs.reconcile", "schedule": crontab(hour=19, minute=30)},
    "reconcile-if-asked": {
        "task": "deadlines.jobs.reconcile_if_asked",
        "schedule": crontab(),
        "options": {"expires": 55},
    },
    "verify-history": {
        "task": "deadlines.jobs.verify_history",
        "schedule": crontab(hour=19, minute=50),
    },
    "clear-sessions": {
        "task": "signin.jobs.clear_sessions",
        "schedule": crontab(hour=19, minute=55),
    },
    "tidy": {"task": "deadlines.jobs.tidy", "schedule": crontab(hour=19, minute=40)},
    "sweep-files": {
        "task": "attachments.jobs.sweep_files",
        "schedule": crontab(hour=19, minute=50),
    },
}


@worker_process_init.connect
def end_with_the_worker(**_):
    die_with_parent(os.getppid())
