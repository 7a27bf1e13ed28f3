from django import template

from coordination import stage_bar as bar

register = template.Library()


@register.inclusion_tag("includes/_stage_bar.html")
def stage_bar(task):
    """The five stages of a task: where it stands, what is missing, who is next."""
    return {"task": task, "steps": bar.steps(task)}
