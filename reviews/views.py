"""Stage 5: what is missing, what was reached, what was learned; the way there and back."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from coordination.pages import ActPage
from coordination.words import listing
from reviews import permissions
from reviews.forms import ReviewForm
from reviews.missing import checklist, from_stored, load_review
from reviews.models import LessonKind
from reviews.policies import blaming_words
from reviews.services import write_review
from tasks.choices import Stage
from tasks.forms.reasons import ReasonForm
from tasks.pages import TaskPage, get_task
from tasks.permissions import TASK
from tasks.services import closing
from tasks.workflow import TRANSITIONS, WORK_OPEN


class ReviewDetail(TaskPage, TemplateView):
    """Where the task stands on its way to the archive, and this person's next step."""

    template_name = "reviews/review_detail.html"
    tab = "review"

    def get_context_data(self, **kwargs):
        load_review(self.task)
        sign_off = self.task.sign_off if self.task.stage == Stage.ARCHIVED else None
        may = self.may
        checks = []
        if self.is_open:
            checks = checklist(self.task, now=timezone.now(), may_write=may["write"])
        return super().get_context_data(
            review=getattr(self.task, "review", None),
            lessons=lessons_of(self.task),
            checks=checks,
            missing=[check for check in checks if check.count],
            may=may,
            sign_off=sign_off,
            archived_without=from_stored(sign_off.missing) if sign_off else [],
            **kwargs,
        )

    @property
    def is_open(self) -> bool:
        return self.task.stage in WORK_OPEN

    @property
    def may(self) -> dict[str, bool]:
        """What this person may do now, in this stage."""
        user, task = self.request.user, self.task
        return {
            "write": self.is_open and permissions.REVIEW.allows(user, "write", task),
            "finish": _stands(task, "finish") and TASK.allows(user, "finish", task),
            "resume": _stands(task, "resume") and TASK.allows(user, "resume", task),
            "sign": _stands(task, "archive") and permissions.REVIEW.allows(user, "sign", task),
        }


def _stands(task, act) -> bool:
    return task.stage in TRANSITIONS[act][0]


def lessons_of(task) -> list[tuple[str, list[str]]]:
    """(label, texts) for what to keep and what to improve; the review is loaded already."""
    lessons = task.review.lessons.all() if hasattr(task, "review") else []
    return [(kind.label, [x.text for x in lessons if x.kind == kind]) for kind in LessonKind]


class ReviewEdit(TaskPage, ActPage):
    """The review, target by target and lesson by lesson (R25)."""

    template_name = "reviews/review_edit.html"
    form_class = ReviewForm
    tab = "review"
    stages = WORK_OPEN

    def load(self):
        super().load()
        permissions.REVIEW.require(self.request.user, "write", self.task)
        load_review(self.task)

    def get_form(self, form_class=None):
        data = self.request.POST if self.request.method == "POST" else None
        return ReviewForm(data, task=self.task, review=getattr(self.task, "review", None))

    def get_context_data(self, **kwargs):
        texts = [text for _label, texts in lessons_of(self.task) for text in texts]
        return super().get_context_data(blaming=blaming_words("\n".join(texts)), **kwargs)

    def act(self, form, now):
        review = write_review(task=self.task, by=self.request.user, now=now, **form.values)
        messages.success(self.request, _("The review is saved."))
        blaming = blaming_words("\n".join(lesson["text"] for lesson in form.values["lessons"]))
        if blaming:
            words = {"words": listing(blaming)}
            messages.warning(
                self.request,
                _("“%(words)s” judges people. Say what in the process let it happen.") % words,
            )
        return review


@require_POST
def task_finish(request, task_pk):
    """The work is done: the review begins."""
    task = get_task(request.user, task_pk)
    closing.finish_task(task=task, by=request.user, now=timezone.now())
    messages.success(request, _("The review has begun. The people concerned are told."))
    return redirect("reviews:review_detail", task.pk)


class TaskResume(TaskPage, ActPage):
    """Back from the review to the work, for a reason."""

    template_name = "tasks/reason.html"
    form_class = ReasonForm
    tab = "review"
    stages = TRANSITIONS["resume"][0]
    extra_context = {"heading": gettext_lazy("Take up the work again")}

    def load(self):
        super().load()
        TASK.require(self.request.user, "resume", self.task)

    def act(self, form, now):
        closing.resume_task(task=self.task, by=self.request.user, now=now, **form.cleaned_data)
        messages.success(self.request, _("The work goes on. The people concerned are told."))
        return reverse("reviews:review_detail", args=[self.task.pk])
