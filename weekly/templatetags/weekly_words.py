"""The rows of a report in words."""

from django import template

from weekly import wording

register = template.Library()
for phrase in (wording.because, wording.course, wording.deviation, wording.reported):
    register.filter(phrase)
