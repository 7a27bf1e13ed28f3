from django.urls import path

from deadlines import views

app_name = "deadlines"
urlpatterns = [
    path("mail/", views.MessageList.as_view(), name="message_list"),
    path("mail/mine/", views.MyMessages.as_view(), name="my_messages"),
    path("mail/<int:pk>/", views.MessageDetail.as_view(), name="message_detail"),
    path("mail/<int:pk>/retry/", views.message_retry, name="message_retry"),
]
