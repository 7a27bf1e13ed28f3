"""The names are those that django-allauth leads to; ours beside them follow their pattern."""

from django.urls import path

from signin.views import passwords, security, sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("password/link/", passwords.PasswordLink.as_view(), name="account_reset_password"),
    path(
        "password/new/",
        passwords.PasswordByLink.as_view(),
        name="account_reset_password_from_key",
    ),
    path("profile/password/", passwords.PasswordChange.as_view(), name="account_change_password"),
    path("profile/security/", security.Security.as_view(), name="mfa_index"),
    path(
        "profile/security/sessions/<int:pk>/end/",
        security.session_end,
        name="account_session_end",
    ),
    path(
        "profile/security/sessions/end-others/",
        security.sessions_end_others,
        name="account_sessions_end_others",
    ),
]
