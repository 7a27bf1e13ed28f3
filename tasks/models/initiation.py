"""Stage 1: the task and its requirement."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from tasks.choices import ENDED, Answer, ResourceKind, Stage

PERSON = settings.AUTH_USER_MODEL
# Up to so many tasks, a list starts from those that one sees (docs/decisions.md).
FEW = 50_000


def _open_to(user) -> Q:
    heads = _taking_part(user.standing.own.heads)
    return Q(is_confidential=False) | Q(initiator=user) | heads | _naming([user.pk])


def _taking_part(departments) -> Q:
    seats = Collaboration.objects.filter(task=OuterRef("pk"), department__in=departments)
    return Q(department__in=departments) | Q(Exists(seats))


def _naming(people) -> Q:
    """A contact named for a department in a task is a member of it, too."""
    return Q(Exists(TaskMember.objects.filter(task=OuterRef("pk"), user__in=people)))


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The tasks this person may see (R29); every page starts here, every list at `listed_to`.

        A draft is its initiating side's own; a submitted task is seen by the people of its
        departments, those above them, those named in it, and records administrators; a
        confidential one by its initiator, the heads of its departments and those named in it.
        """
        shown = self._shown_to(user)
        if user.is_records_administrator:
            return shown
        standing = user.standing
        return shown.filter(
            Q(initiator__in=standing.people)
            | _taking_part(standing.reach)
            | _naming(standing.people)
        )

    def listed_to(self, user):
        """The same tasks in the shape that is quick to page through (asks one statement).

        Who sees few starts from those, found by index; who sees many walks down from the newest
        task and soon has a page full.
        """
        involving = _involving(user)
        ids = [] if user.is_records_administrator else list(involving[: FEW + 1])
        if user.is_records_administrator or len(ids) > FEW:
            return ManyTasks(self.model, self.visible_to(user).query, using=self._db)
        # PostgreSQL may walk down, too: then from the newest of these, not of all.
        return self._shown_to(user).filter(pk__in=involving, pk__lte=max(ids, default=0))

    def containing(self, words):
        """Those whose number or name contains the words."""
        return self.filter(Q(number__icontains=words) | Q(title__icontains=words))

    def open_to(self, user):
        """Those not confidential, or initiated by the person, with a department that they head, or
        in which they are named. Nobody stands in for another here.
        """
        return self.filter(_open_to(user))

    def counted_to(self, user):
        """The tasks in a senior manager's totals: those they may see, and the confidential ones of
        the departments below, of which nothing but the number is told.
        """
        return self.visible_to(user) | self.hidden_from(user)

    def hidden_from(self, user):
        """The confidential tasks of the departments below a person that they may not see."""
        below = _taking_part(user.standing.oversees)
        below = Q() if user.is_records_administrator else below
        return self.closed_to(user).filter(below, submitted_at__isnull=False)

    def closed_to(self, user):
        """All confidential tasks that are not open to this person, whatever they oversee."""
        return self.filter(is_confidential=True).exclude(_open_to(user))

    def _shown_to(self, user):
        """What is submitted, and the drafts of the person's own side; nothing confidential that is
        not open to them.
        """
        standing = user.standing
        own_side = Q(initiator__in=standing.people) | Q(
            department__in=standing.heads | standing.contact_for
        )
        return self.filter(Q(submitted_at__isnull=False) | own_side).open_to(user)

    def open(self):
        return self.exclude(stage__in=ENDED)


class ManyTasks(TaskQuerySet):
    """The list of somebody who sees many tasks."""

    def containing(self, words):
        """Sought in the index task_words, which is all read: cheaper than walking the rows."""
        found = Task.objects.order_by().filter(
            Q(number__icontains=words) | Q(title__icontains=words)
        )
        return self.filter(pk__in=found.values("pk").distinct())


class Task(models.Model):
    """One cross-department task: one record, one form."""

    number = models.CharField(
        _("task number"), max_length=60, unique=True, null=True, editable=False
    )
    is_confidential = models.BooleanField(
        _("confidential"),
        default=False,
        help_text=_("Only its initiator, the heads of its departments and people named see it."),
    )
    title = models.CharField(_("task name"), max_length=200)
    department = models.ForeignKey(
        Department,
        verbose_name=_("initiating department"),
        on_delete=models.PROTECT,
        related_name="initiated_tasks",
    )
    initiator = models.ForeignKey(
        PERSON,
        verbose_name=_("initiator"),
        on_delete=models.PROTECT,
        related_name="initiated_tasks",
    )

    background = models.TextField(_("background"), blank=True)
    goal = models.TextField(_("core goal"), blank=True)
    expected_result = models.TextField(_("expected result"), blank=True)
    start_date = models.DateField(_("start"), null=True, blank=True)
    end_date = models.DateField(_("end"), null=True, blank=True)

    stage = models.CharField(_("stage"), max_length=20, choices=Stage, default=Stage.DRAFT)
    created_at = models.DateTimeField(_("created"))
    submitted_at = models.DateTimeField(_("submitted"), null=True)
    assignment_opened_at = models.DateTimeField(_("assignment opened"), null=True)
    confirmed_at = models.DateTimeField(_("assignment confirmed"), null=True)
    finished_at = models.DateTimeField(_("work finished"), null=True)
    pauses = models.JSONField(default=list, editable=False)
    """When the work had been finished and was taken up again: [last day, first day] (ISO) each."""
    """None again when the work is taken up once more."""
    ended_at = models.DateTimeField(_("archived or cancelled"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(start_date=None) | Q(end_date=None) | Q(end_date__gte=F("start_date")),
                name="task_ends_after_start",
                violation_error_message=_("The end must not lie before the start."),
            ),
            models.CheckConstraint(
                condition=Q(number=None, submitted_at=None, stage__in=["draft", "cancelled"])
                | (Q(number__isnull=False, submitted_at__isnull=False) & ~Q(stage="draft")),
                name="task_number_from_submission",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="task_stage_known"),
        ]
        indexes = [
            # The list of a department's tasks, newest first.
            models.Index(fields=["department", "-id"], name="task_of_department"),
            # The list filtered by stage, newest first.
            models.Index(fields=["stage", "-id"], name="task_in_stage"),
            # The list of one's own tasks, newest first.
            models.Index(fields=["initiator", "-id"], name="task_of_initiator"),
            # The search among many reads all of this instead of the whole rows.
            models.Index(fields=["title", "number", "id"], name="task_words"),
            # The home page: own tasks to go on with, reviews to sign.
            models.Index(fields=["initiator", "stage"], name="task_to_go_on_with"),
            models.Index(fields=["department", "stage"], name="task_to_sign"),
            # counted_to: the few that are counted and not shown.
            models.Index(
                fields=["department"],
                condition=Q(is_confidential=True),
                name="task_confidential",
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.title}" if self.number else self.title

    def get_absolute_url(self):
        return reverse("tasks:task_detail", args=[self.pk])

    @property
    def history_task_id(self):
        return self.pk

    @property
    def is_draft(self):
        return self.stage == Stage.DRAFT

    @property
    def has_ended(self):
        return self.stage in ENDED


def _involving(user):
    """The ids of the tasks that this person or a department in their reach has a part in.

    By index, each id perhaps more than once; drafts of others among them.
    """
    reach = user.standing.reach
    tasks = Task.objects.order_by()
    return (
        tasks.filter(initiator__in=user.standing.people)
        .values_list("pk", flat=True)
        .union(
            tasks.filter(department__in=reach).values_list("pk", flat=True),
            Collaboration.objects.order_by()
            .filter(department__in=reach)
            .values_list("task", flat=True),
            TaskMember.objects.filter(user__in=user.standing.people).values_list("task", flat=True),
            all=True,
        )
    )


class TaskPart(models.Model):
    """Something that belongs to a task; its history is the task's."""

    class Meta:
        abstract = True

    @property
    def history_task_id(self):
        return self.task_id


class Target(TaskPart):
    """A measurable target of a task: metric, number, unit, date (R6)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="targets")
    position = models.PositiveSmallIntegerField()
    metric = models.CharField(_("metric"), max_length=200, blank=True)
    number = models.DecimalField(
        _("number"), max_digits=16, decimal_places=3, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    date = models.DateField(_("by"), null=True, blank=True)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.metric


class WorkItem(TaskPart):
    """A key part of the work that a department must take on (R3)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="work_items")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("work item"), max_length=200)

    class Meta:
        verbose_name = _("work item")
        verbose_name_plural = _("work items")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.name


class Resource(TaskPart):
    """What the task may draw on: budget, people, technical support (R4)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="resources")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=20, choices=ResourceKind)
    description = models.CharField(_("resource"), max_length=300)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ResourceKind.values), name="resource_kind_known"
            ),
        ]

    def __str__(self):
        return self.description


class Risk(TaskPart):
    """A risk seen at the start, and what would be done about it (R4)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="risks")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(_("risk"), max_length=300, blank=True)
    response = models.CharField(_("response"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.description


class Collaboration(TaskPart):
    """A collaborating department of a task, and its head's answer to the draft (R7)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="collaborations")
    department = models.ForeignKey(
        Department,
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    contact = models.ForeignKey(
        PERSON,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Acts for the department on this task; named by its head."),
    )
    asked_at = models.DateTimeField(_("asked"), null=True)
    """When the department was last asked to take part; None in a draft, which asks nobody."""
    answer = models.CharField(_("answer"), max_length=20, choices=Answer, default=Answer.PENDING)
    comment = models.TextField(_("comment"), blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("collaborating department")
        verbose_name_plural = _("collaborating departments")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["task", "department"], name="collaboration_once"),
            models.CheckConstraint(
                condition=Q(answer__in=["pending", "accepted"])
                | (Q(answer__in=["commented", "declined"]) & ~Q(comment="")),
                name="collaboration_answer_says_why",
                violation_error_message=_("A comment or a refusal needs its words."),
            ),
        ]
        indexes = [
            # visible_to: the tasks that a department takes part in.
            models.Index(fields=["department", "task"], name="collaboration_of_department"),
            # The home page: consultations to answer.
            models.Index(fields=["department", "answer"], name="collaboration_to_answer"),
        ]

    def __str__(self):
        return str(self.department)


class TaskMember(TaskPart):
    """A person who is named in a task (owner, helper, participant …) and so may see it (R29)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="task_memberships")
    named_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    """Who let a person see the task that has no part in it; None for whoever has one."""

    class Meta:
        verbose_name = _("person involved")
        verbose_name_plural = _("people involved")
        constraints = [
            # Also the index of visible_to: is this person named in that task?
            models.UniqueConstraint(fields=["user", "task"], name="task_member_once"),
        ]

    def __str__(self):
        return str(self.user)


class NumberSeries(models.Model):
    """The last task number given in a year to a department; locked while one is given (R5)."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [
            models.UniqueConstraint(fields=["department", "year"], name="number_series_once"),
        ]

    def __str__(self):
        return f"{self.year} {self.department} {self.last}"
