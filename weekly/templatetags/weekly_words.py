"""The rows of a report in words, and their last weeks drawn."""

from django import template

from weekly import wording
from weekly.sparkline import sparkline

register = template.Library()
for phrase in (wording.because, wording.course, wording.deviation, wording.reported):
    register.filter(phrase)
register.filter(sparkline)
