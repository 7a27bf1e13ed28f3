from django.urls import path

from accounts.views import (
    absences,
    departments,
    hand_over,
    imports,
    organisation,
    people,
    profile,
    unsubscribe,
)

app_name = "accounts"
urlpatterns = [
    path("language/", profile.set_language, name="set_language"),
    path("profile/", profile.Profile.as_view(), name="profile"),
    # In mails that only tell of changes.
    path("mail-about-changes/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("departments/", departments.DepartmentList.as_view(), name="department_list"),
    path("departments/new/", departments.DepartmentCreate.as_view(), name="department_create"),
    path("departments/<int:pk>/", departments.DepartmentDetail.as_view(), name="department_detail"),
    path(
        "departments/<int:pk>/edit/", departments.DepartmentEdit.as_view(), name="department_edit"
    ),
    path(
        "departments/<int:pk>/activate/",
        departments.department_activate,
        name="department_activate",
    ),
    path(
        "departments/<int:pk>/deactivate/",
        departments.department_deactivate,
        name="department_deactivate",
    ),
    path("departments/<int:pk>/contacts/name/", departments.contact_name, name="contact_name"),
    path("contacts/<int:pk>/remove/", departments.contact_remove, name="contact_remove"),
    path("people/", people.PersonList.as_view(), name="person_list"),
    path("people/new/", people.PersonCreate.as_view(), name="person_create"),
    path("people/<int:pk>/", people.PersonDetail.as_view(), name="person_detail"),
    path("people/<int:pk>/edit/", people.PersonEdit.as_view(), name="person_edit"),
    path("people/<int:pk>/password/", people.PersonPassword.as_view(), name="person_password"),
    path("people/<int:pk>/activate/", people.person_activate, name="person_activate"),
    path("people/<int:pk>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("people/<int:pk>/hand-over/", hand_over.PersonHandOver.as_view(), name="person_hand_over"),
    path("people/<int:pk>/absences/new/", absences.AbsencePlan.as_view(), name="absence_plan"),
    path("absences/<int:pk>/edit/", absences.AbsenceEdit.as_view(), name="absence_edit"),
    path("absences/<int:pk>/end/", absences.absence_end, name="absence_end"),
    path("organisation/", organisation.OrganisationEdit.as_view(), name="organisation_edit"),
    path("organisation/number-example/", organisation.number_example, name="number_example"),
    path("organisation/import/", imports.ImportUpload.as_view(), name="import_upload"),
    path("organisation/import/template/", imports.import_template, name="import_template"),
    path("organisation/import/preview/", imports.ImportPreview.as_view(), name="import_preview"),
    path("organisation/import/store/", imports.import_store, name="import_store"),
    path("organisation/import/discard/", imports.import_discard, name="import_discard"),
]
