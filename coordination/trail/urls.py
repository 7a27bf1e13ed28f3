from django.urls import path

from coordination.trail import views

app_name = "trail"
urlpatterns = [
    path("", views.HistoryPage.as_view(), name="search"),
    path("export/", views.history_export, name="export"),
]
