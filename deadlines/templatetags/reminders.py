"""Due moments and the steps of ladders in the reader's words."""

from django import template

from coordination.words import listing
from deadlines import wording
from deadlines.models import Role

register = template.Library()
register.filter(wording.how_computed)
register.filter(wording.when_told)


@register.filter
def who_is_told(step) -> str:
    return listing([str(Role(role).label) for role in step.roles])
