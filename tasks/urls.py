from django.urls import path

from tasks.views import assignment, consultation, drafting, planning, readers, support, tasks

app_name = "tasks"
urlpatterns = [
    path("", tasks.TaskList.as_view(), name="task_list"),
    path("new/", drafting.TaskCreate.as_view(), name="task_create"),
    path("wording/", drafting.wording, name="wording"),
    path("<int:task_pk>/", tasks.TaskDetail.as_view(), name="task_detail"),
    path("<int:task_pk>/history/", tasks.TaskHistory.as_view(), name="task_history"),
    # Who sees it.
    path("<int:task_pk>/who-sees/", readers.WhoSees.as_view(), name="who_sees"),
    path("<int:task_pk>/make-confidential/", readers.make_confidential, name="make_confidential"),
    path("<int:task_pk>/make-open/", readers.make_open, name="make_open"),
    path("members/<int:pk>/stop-seeing/", readers.stop_seeing, name="stop_seeing"),
    # Stage 1: the requirement.
    path("<int:task_pk>/edit/", drafting.TaskEdit.as_view(), name="task_edit"),
    path("<int:task_pk>/autosave/", drafting.task_autosave, name="task_autosave"),
    path("<int:task_pk>/submit/", drafting.TaskSubmit.as_view(), name="task_submit"),
    path("<int:task_pk>/discard/", drafting.task_discard, name="task_discard"),
    path("<int:task_pk>/revise/", drafting.TaskRevise.as_view(), name="task_revise"),
    path("<int:task_pk>/cancel/", drafting.TaskCancel.as_view(), name="task_cancel"),
    # Stage 1: consultation.
    path("collaborations/<int:pk>/answer/", consultation.Answer.as_view(), name="consult_answer"),
    path("collaborations/<int:pk>/ask-again/", consultation.ask_again, name="ask_again"),
    path("collaborations/<int:pk>/contact/", consultation.Contact.as_view(), name="name_contact"),
    path("<int:task_pk>/open-assignment/", consultation.open_assignment, name="open_assignment"),
    # Stage 2: assignment.
    path("<int:task_pk>/assignment/", assignment.AssignmentPage.as_view(), name="assignment"),
    path("<int:task_pk>/confirm/", assignment.confirm, name="assignment_confirm"),
    path("work-items/<int:pk>/take-on/", assignment.TakeOn.as_view(), name="take_on"),
    path("subtasks/<int:pk>/", assignment.SubtaskDetail.as_view(), name="subtask_detail"),
    path("subtasks/<int:pk>/edit/", assignment.SubtaskEdit.as_view(), name="subtask_edit"),
    path("subtasks/<int:pk>/cancel/", assignment.SubtaskCancel.as_view(), name="subtask_cancel"),
    path("subtasks/<int:pk>/finish/", assignment.subtask_finish, name="subtask_finish"),
    path("subtasks/<int:pk>/reopen/", assignment.SubtaskReopen.as_view(), name="subtask_reopen"),
    # Stage 2: support.
    path("subtasks/<int:pk>/ask-support/", support.AskSupport.as_view(), name="support_ask"),
    path("support/<int:pk>/answer/", support.AnswerSupport.as_view(), name="support_answer"),
    path("support/<int:pk>/deliver/", support.support_deliver, name="support_deliver"),
    path("support/<int:pk>/withdraw/", support.support_withdraw, name="support_withdraw"),
    # Stage 3: the plan of a subtask.
    path("subtasks/<int:pk>/plan/", planning.PlanPage.as_view(), name="plan"),
]
