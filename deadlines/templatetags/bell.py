"""The number at the bell, in the bar of every page."""

from django import template

from deadlines.bell import number_not_seen

register = template.Library()
register.simple_tag(number_not_seen, name="number_not_seen")
