from django.urls import path

from records import views

app_name = "records"
urlpatterns = [
    path("tasks/<int:task_pk>/record/", views.RecordPage.as_view(), name="record_detail"),
    path("tasks/<int:task_pk>/record.pdf", views.RecordPdf.as_view(), name="record_pdf"),
    path("tasks/<int:task_pk>/record.xlsx", views.RecordWorkbook.as_view(), name="record_workbook"),
]
