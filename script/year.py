"""Fills an empty installation with a year of a company; see script/campaigns/year.py."""

import importlib
import os
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

if __name__ == "__main__":
    django.setup()
    importlib.import_module("campaigns.year").main()
