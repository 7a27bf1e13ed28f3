"""Due moments and the steps of ladders in the reader's words."""

from django import template

from deadlines import wording

register = template.Library()
register.filter(wording.how_computed)
register.filter(wording.when_told)
register.filter(wording.who_is_told)
