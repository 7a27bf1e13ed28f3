from django.urls import include, path

from dashboards.home import HomePage

handler500 = "coordination.errors.server_error"

urlpatterns = [
    path("", HomePage.as_view(), name="home"),
    # Signing in, passwords, second factors, sessions.
    path("", include("signin.urls")),
    # People, departments, the organisation.
    path("", include("accounts.urls")),
    # Tasks, their assignment and progress.
    path("tasks/", include("tasks.urls")),
    # The files of a task.
    path("", include("attachments.urls")),
    # Communications and action items.
    path("", include("communications.urls")),
    # Issues.
    path("", include("issues.urls")),
    # A person's week, the week of a task.
    path("", include("weekly.urls")),
    # Review, sign-off.
    path("", include("reviews.urls")),
    # The record and its files.
    path("", include("records.urls")),
    # Pages that look over everything.
    path("", include("dashboards.urls")),
    # The history of everything.
    path("history/", include("coordination.trail.urls")),
    # Mails waiting, sent and failed.
    path("", include("deadlines.urls")),
]

handler400 = "coordination.errors.bad_request"
