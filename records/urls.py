from django.urls import path

from records.sign_off import SignOff

app_name = "records"
urlpatterns = [
    path("tasks/<int:task_pk>/sign/", SignOff.as_view(), name="sign_off"),
]
