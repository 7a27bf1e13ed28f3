from django.urls import path

from deadlines import operations, views
from deadlines.calendar import views as calendar
from deadlines.ladders import views as ladders

app_name = "deadlines"
urlpatterns = [
    path("notifications/", views.NotificationList.as_view(), name="notification_list"),
    path("notifications/seen/", views.notifications_seen, name="notifications_seen"),
    path("notifications/<int:pk>/", views.NotificationDetail.as_view(), name="notification_detail"),
    path("organisation/operations/", operations.Operations.as_view(), name="operations"),
    path("organisation/operations/retry/", operations.retry_all, name="retry_all"),
    path("organisation/operations/test-mail/", operations.test_mail, name="test_mail"),
    path("mail/", views.MessageList.as_view(), name="message_list"),
    path("mail/<int:pk>/", views.MessageDetail.as_view(), name="message_detail"),
    path("mail/<int:pk>/retry/", views.message_retry, name="message_retry"),
    path("organisation/calendar/", calendar.CalendarPage.as_view(), name="calendar"),
    path(
        "organisation/calendar/<int:year>/", calendar.CalendarPage.as_view(), name="calendar_year"
    ),
    path("organisation/calendar/<int:year>/confirm/", calendar.year_confirm, name="year_confirm"),
    path("organisation/calendar/<int:year>/reopen/", calendar.year_reopen, name="year_reopen"),
    path("organisation/calendar/days/<int:pk>/", calendar.DayEdit.as_view(), name="day_edit"),
    path("organisation/calendar/days/<int:pk>/remove/", calendar.day_remove, name="day_remove"),
    path("organisation/reminders/", ladders.LadderList.as_view(), name="ladder_list"),
    path("organisation/reminders/<slug:code>/", ladders.LadderEdit.as_view(), name="ladder_edit"),
    path("organisation/reminders/<slug:code>/reset/", ladders.ladder_reset, name="ladder_reset"),
]
