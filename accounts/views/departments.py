"""Departments and their contacts."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts import forms, permissions
from accounts.models import Contact, Department, User
from accounts.services import departments
from accounts.tree import department_tree
from accounts.views.organisation import HISTORY_AT_MOST, OrganisationPage
from audit.models import Event
from coordination.pages import ActPage

PEOPLE_AT_MOST = 200


class DepartmentList(OrganisationPage, TemplateView):
    template_name = "accounts/department_list.html"
    tab = "departments"

    def get_context_data(self, **kwargs):
        may_create = permissions.DEPARTMENT.allows(self.request.user, "create", None)
        return super().get_context_data(tree=department_tree(), may_create=may_create, **kwargs)


class DepartmentPage(OrganisationPage):
    """A page about one department. `needs` is the action that opening it takes."""

    tab = "departments"
    needs = ""

    def load(self):
        departments = Department.objects.select_related("head", "parent")
        self.department = get_object_or_404(departments, pk=self.kwargs["pk"])
        if self.needs:
            permissions.DEPARTMENT.require(self.request.user, self.needs, self.department)

    def get_context_data(self, **kwargs):
        table, user = permissions.DEPARTMENT, self.request.user
        may = {action: table.allows(user, action, self.department) for action in table}
        return super().get_context_data(department=self.department, may=may, **kwargs)


class DepartmentDetail(DepartmentPage, TemplateView):
    template_name = "accounts/department_detail.html"

    def get_context_data(self, **kwargs):
        department = self.department
        people = User.objects.in_department(department)
        context = super().get_context_data(
            children=department.children.select_related("head"),
            contacts=department.contacts.select_related("user", "named_by").order_by("pk"),
            people=people.order_by("name", "pk")[:PEOPLE_AT_MOST],
            number_of_people=people.count(),
            former=department.former_short_names.values_list("short_name", flat=True),
            events=Event.objects.about(department)[:HISTORY_AT_MOST],
            **kwargs,
        )
        if context["may"]["name_contact"]:
            context["contact_form"] = forms.ContactForm(department=department)
        return context


class DepartmentCreate(OrganisationPage, ActPage):
    template_name = "accounts/department_form.html"
    form_class = forms.DepartmentForm
    tab = "departments"

    def load(self):
        permissions.DEPARTMENT.require(self.request.user, "create", None)

    def get_initial(self):
        return {"parent": self.request.GET.get("parent", "")[:20]}

    def act(self, form, now):
        department = departments.create_department(
            by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("%(department)s is created.") % {"department": department})
        return reverse("accounts:department_detail", args=[department.pk])


class DepartmentEdit(DepartmentPage, ActPage):
    template_name = "accounts/department_form.html"
    form_class = forms.DepartmentEditForm
    needs = "edit"

    def get_initial(self):
        fields = ("name", "short_name", "parent", "head", "version")
        return {name: getattr(self.department, name) for name in fields}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "department": self.department,
            "candidates": departments.who_may_head(self.department),
        }

    def act(self, form, now):
        departments.edit_department(
            department=self.department, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("The changes are saved."))
        return reverse("accounts:department_detail", args=[self.department.pk])


@require_POST
def department_activate(request, pk):
    department = get_object_or_404(Department, pk=pk)
    departments.activate_department(department=department, by=request.user, now=timezone.now())
    messages.success(request, _("%(department)s is active.") % {"department": department})
    return redirect("accounts:department_detail", pk)


@require_POST
def department_deactivate(request, pk):
    department = get_object_or_404(Department, pk=pk)
    departments.deactivate_department(department=department, by=request.user, now=timezone.now())
    messages.success(request, _("%(department)s is deactivated.") % {"department": department})
    return redirect("accounts:department_detail", pk)


@require_POST
def contact_name(request, pk):
    department = get_object_or_404(Department, pk=pk)
    permissions.DEPARTMENT.require(request.user, "name_contact", department)
    form = forms.ContactForm(request.POST, department=department)
    if form.is_valid():
        departments.name_contact(
            department=department,
            person=form.cleaned_data["person"],
            by=request.user,
            now=timezone.now(),
        )
        messages.success(request, _("The contact is named."))
    else:
        messages.error(request, _("Choose one of the department's people."))
    return redirect("accounts:department_detail", pk)


@require_POST
def contact_remove(request, pk):
    contact = get_object_or_404(Contact.objects.select_related("department", "user"), pk=pk)
    departments.remove_contact(contact=contact, by=request.user, now=timezone.now())
    messages.success(request, _("The contact is removed."))
    return redirect("accounts:department_detail", contact.department_id)
