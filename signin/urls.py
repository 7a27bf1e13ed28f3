"""The names are those that django-allauth leads to; ours beside them follow their pattern."""

from django.urls import path

from signin.views import company, factors, passwords, people, security, sign_in

urlpatterns = [
    path("sign-in/", sign_in.SignIn.as_view(), name="account_login"),
    path("sign-out/", sign_in.SignOut.as_view(), name="account_logout"),
    path("sign-in/second-step/", factors.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", factors.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path(
        "sign-in/company/",
        company.begin,
        {"provider_id": "company"},
        name="openid_connect_login",
    ),
    path(
        "sign-in/company/back/",
        company.come_back,
        {"provider_id": "company"},
        name="openid_connect_callback",
    ),
    path("again/password/", factors.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("again/code/", factors.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("again/passkey/", factors.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("password/link/", passwords.PasswordLink.as_view(), name="account_reset_password"),
    path(
        "password/new/",
        passwords.PasswordByLink.as_view(),
        name="account_reset_password_from_key",
    ),
    path("profile/password/", passwords.PasswordChange.as_view(), name="account_change_password"),
    path("profile/security/", security.Security.as_view(), name="mfa_index"),
    path("profile/security/app/", factors.AppAdd.as_view(), name="mfa_activate_totp"),
    path(
        "profile/security/app/remove/", factors.FactorRemove.as_view(), name="mfa_deactivate_totp"
    ),
    path("profile/security/passkeys/new/", factors.PasskeyAdd.as_view(), name="mfa_add_webauthn"),
    path(
        "profile/security/passkeys/<int:pk>/remove/",
        factors.FactorRemove.as_view(),
        name="mfa_remove_webauthn",
    ),
    path(
        "profile/security/recovery-codes/",
        factors.RecoveryCodes.as_view(),
        name="mfa_view_recovery_codes",
    ),
    path(
        "profile/security/recovery-codes/new/",
        factors.RecoveryCodesNew.as_view(),
        name="mfa_generate_recovery_codes",
    ),
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
    path("people/<int:pk>/sign-in/", people.PersonSignIn.as_view(), name="person_sign_in"),
    path(
        "people/<int:pk>/sign-in/second-factor/take/",
        people.second_factor_take,
        name="person_second_factor_take",
    ),
    path("people/<int:pk>/sign-in/sessions/end/", people.sessions_end, name="person_sessions_end"),
]
