from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [
    path("tasks/<int:task_pk>/review/", views.ReviewDetail.as_view(), name="review_detail"),
    path("tasks/<int:task_pk>/review/edit/", views.ReviewEdit.as_view(), name="review_edit"),
    path("tasks/<int:task_pk>/finish/", views.task_finish, name="task_finish"),
    path("tasks/<int:task_pk>/resume/", views.TaskResume.as_view(), name="task_resume"),
]
