from django.urls import path

from communications.views import action_items, logs, talks

app_name = "communications"
urlpatterns = [
    path(
        "tasks/<int:task_pk>/communications/",
        talks.CommunicationList.as_view(),
        name="communication_list",
    ),
    path(
        "tasks/<int:task_pk>/communications/schedule/",
        talks.Schedule.as_view(),
        name="communication_schedule",
    ),
    path(
        "tasks/<int:task_pk>/communications/we-talked/",
        talks.WeTalked.as_view(),
        name="we_talked",
    ),
    # One communication.
    path(
        "communications/<int:pk>/",
        talks.CommunicationDetail.as_view(),
        name="communication_detail",
    ),
    path("communications/<int:pk>/edit/", talks.TalkEdit.as_view(), name="communication_edit"),
    path(
        "communications/<int:pk>/cancel/", talks.TalkCancel.as_view(), name="communication_cancel"
    ),
    path(
        "communications/<int:pk>/complete/",
        logs.LogComplete.as_view(),
        name="communication_complete",
    ),
    path(
        "communications/<int:pk>/correct/", logs.LogCorrect.as_view(), name="communication_correct"
    ),
    path("communications/conclusions-note/", logs.conclusions_note, name="conclusions_note"),
    # Action items.
    path(
        "action-items/<int:pk>/done/",
        action_items.ActionItemDone.as_view(),
        name="action_item_done",
    ),
    path(
        "action-items/<int:pk>/reopen/",
        action_items.ActionItemReopen.as_view(),
        name="action_item_reopen",
    ),
    path(
        "action-items/<int:pk>/edit/",
        action_items.ActionItemEdit.as_view(),
        name="action_item_edit",
    ),
    path(
        "action-items/<int:pk>/cancel/",
        action_items.ActionItemCancel.as_view(),
        name="action_item_cancel",
    ),
]
