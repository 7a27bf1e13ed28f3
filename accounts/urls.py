from django.contrib.auth.views import LogoutView
from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("language/", views.set_language, name="set_language"),
    path("profile/", views.Profile.as_view(), name="profile"),
    path("profile/password/", views.PasswordChange.as_view(), name="password_change"),
    path("departments/", views.DepartmentList.as_view(), name="department_list"),
    path("departments/new/", views.DepartmentCreate.as_view(), name="department_create"),
    path("departments/<int:pk>/", views.DepartmentDetail.as_view(), name="department_detail"),
    path("departments/<int:pk>/edit/", views.DepartmentEdit.as_view(), name="department_edit"),
    path("departments/<int:pk>/activate/", views.department_activate, name="department_activate"),
    path(
        "departments/<int:pk>/deactivate/",
        views.department_deactivate,
        name="department_deactivate",
    ),
    path("departments/<int:pk>/contacts/name/", views.contact_name, name="contact_name"),
    path("contacts/<int:pk>/remove/", views.contact_remove, name="contact_remove"),
    path("people/", views.PersonList.as_view(), name="person_list"),
    path("people/new/", views.PersonCreate.as_view(), name="person_create"),
    path("people/<int:pk>/edit/", views.PersonEdit.as_view(), name="person_edit"),
    path("people/<int:pk>/password/", views.PersonPassword.as_view(), name="person_password"),
    path("people/<int:pk>/activate/", views.person_activate, name="person_activate"),
    path("people/<int:pk>/deactivate/", views.person_deactivate, name="person_deactivate"),
    path("organisation/", views.OrganisationEdit.as_view(), name="organisation_edit"),
    path("organisation/number-example/", views.number_example, name="number_example"),
    path("organisation/import/", views.ImportUpload.as_view(), name="import_upload"),
    path("organisation/import/template/", views.import_template, name="import_template"),
    path("organisation/import/preview/", views.ImportPreview.as_view(), name="import_preview"),
    path("organisation/import/store/", views.import_store, name="import_store"),
    path("organisation/import/discard/", views.import_discard, name="import_discard"),
]
