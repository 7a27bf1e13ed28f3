"""The names are those that django-allauth leads to; ours beside them follow their pattern."""

from django.urls import path

from signin.views import passwords, sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("profile/password/", passwords.PasswordChange.as_view(), name="account_change_password"),
]
