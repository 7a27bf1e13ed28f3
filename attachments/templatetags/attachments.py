from django import template

from attachments import shown, subjects
from attachments.forms import limits
from tasks.permissions import task_of

register = template.Library()


@register.inclusion_tag("attachments/_panel.html", takes_context=True)
def files_panel(context, part):
    """The files of a part of a task, on its page, with the form that adds more."""
    user, task = context["user"], task_of(part)
    return {
        "request": context["request"],
        "part": part,
        "task": task,
        "files": shown.files_of(part, user),
        "may_attach": shown.may_attach(user, task),
    }


@register.inclusion_tag("attachments/_attach_form.html", takes_context=True)
def attach_form(context, part, form=None):
    """The form that takes files for a task or a part of it."""
    return {
        "request": context["request"],
        "key": subjects.key_of(part),
        "form": form,
        "limits": limits(),
    }
