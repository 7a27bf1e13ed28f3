"""The product's Celery application whose beat ticks every second (script/faults --hurry)."""

from coordination.celery import app

for name in ("sweep", "deliver"):
    app.conf.beat_schedule[name]["schedule"] = 1.0
