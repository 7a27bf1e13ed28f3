from django.urls import path

from records import sign_off, views

app_name = "records"
urlpatterns = [
    path("tasks/<int:task_pk>/record/", views.RecordPage.as_view(), name="record_detail"),
    path("tasks/<int:task_pk>/record/annex/", views.AnnexPage.as_view(), name="record_annex"),
    path("tasks/<int:task_pk>/record.pdf", views.RecordPdf.as_view(), name="record_pdf"),
    path("tasks/<int:task_pk>/record.xlsx", views.RecordWorkbook.as_view(), name="record_workbook"),
    path("tasks/<int:task_pk>/sign/", sign_off.SignOff.as_view(), name="sign_off"),
]
