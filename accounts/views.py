"""Pages of sign-in, people, departments, the organisation and the import."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView
from django.views.i18n import set_language as remember_language

from accounts import forms, importing, permissions, services
from accounts.filters import PersonFilter
from accounts.models import Contact, Department, Membership, PendingImport, User
from accounts.template_file import import_template as template_file
from accounts.tree import department_tree
from audit.models import Event
from coordination.pages import ActPage, page_of

HISTORY_AT_MOST = 20
PEOPLE_AT_MOST = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OrganisationPage:
    """A page of the organisation. `tab` names its place; `load` runs before GET and POST alike."""

    tab = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.load()

    def load(self):
        pass

    def get_context_data(self, **kwargs):
        may = {
            name: permissions.ORGANISATION.allows(self.request.user, name, None)
            for name in permissions.ORGANISATION
        }
        return super().get_context_data(
            nav="organisation", tab=self.tab, may_organisation=may, **kwargs
        )


# Signing in, and what people settle for themselves


class SignIn(LoginView):
    template_name = "accounts/login.html"
    form_class = forms.SignInForm
    redirect_authenticated_user = True

    def form_invalid(self, form):
        status = 429 if form.has_error("__all__", "too_many") else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)


def _who_asks(request) -> User:
    """The row of the person signed in, to be changed; the request's own is a lazy stand-in."""
    return User.objects.get(pk=request.user.pk)


@login_not_required
@require_POST
def set_language(request):
    """Remembers the language in the browser and, signed in, with the person."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and forms.is_language(language):
        person = _who_asks(request)
        services.choose_language(person=person, by=person, now=timezone.now(), language=language)
    return remember_language(request)


class Profile(ActPage):
    template_name = "accounts/profile.html"
    form_class = forms.ProfileForm

    def get_initial(self):
        person = self.request.user
        return {
            "email": person.email,
            "language": person.language,
            "version": person.version,
        }

    def act(self, form, now):
        person = _who_asks(self.request)
        services.edit_profile(person=person, by=person, now=now, **form.cleaned_data)
        messages.success(self.request, _("Your settings are saved."))
        return "accounts:profile"

    def get_context_data(self, **kwargs):
        memberships = self.request.user.memberships.select_related("department")
        return super().get_context_data(
            memberships=memberships.order_by("-is_main", "pk"), **kwargs
        )


class PasswordChange(ActPage):
    template_name = "accounts/password_change.html"
    form_class = forms.OwnPasswordForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    def act(self, form, now):
        person = _who_asks(self.request)
        password = form.cleaned_data["new_password1"]
        services.change_password(person=person, by=person, now=now, password=password)
        update_session_auth_hash(self.request, person)
        messages.success(self.request, _("Your password is changed. Other sessions have ended."))
        return "accounts:profile"


# Departments


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
        department = services.create_department(by=self.request.user, now=now, **form.cleaned_data)
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
            "candidates": services.who_may_head(self.department),
        }

    def act(self, form, now):
        services.edit_department(
            department=self.department, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("The changes are saved."))
        return reverse("accounts:department_detail", args=[self.department.pk])


@require_POST
def department_activate(request, pk):
    department = get_object_or_404(Department, pk=pk)
    services.activate_department(department=department, by=request.user, now=timezone.now())
    messages.success(request, _("%(department)s is active.") % {"department": department})
    return redirect("accounts:department_detail", pk)


@require_POST
def department_deactivate(request, pk):
    department = get_object_or_404(Department, pk=pk)
    services.deactivate_department(department=department, by=request.user, now=timezone.now())
    messages.success(request, _("%(department)s is deactivated.") % {"department": department})
    return redirect("accounts:department_detail", pk)


@require_POST
def contact_name(request, pk):
    department = get_object_or_404(Department, pk=pk)
    permissions.DEPARTMENT.require(request.user, "name_contact", department)
    form = forms.ContactForm(request.POST, department=department)
    if form.is_valid():
        services.name_contact(
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
    services.remove_contact(contact=contact, by=request.user, now=timezone.now())
    messages.success(request, _("The contact is removed."))
    return redirect("accounts:department_detail", contact.department_id)


# People


class PersonList(OrganisationPage, TemplateView):
    template_name = "accounts/person_list.html"
    tab = "people"

    def get_context_data(self, **kwargs):
        query = self.request.GET.copy()
        query.setdefault("state", "active")
        in_order = Membership.objects.select_related("department").order_by("-is_main", "pk")
        people = User.objects.prefetch_related(Prefetch("memberships", in_order))
        filterset = PersonFilter(query, people, request=self.request)
        rows, next_before = page_of(filterset.qs, self.request)
        may_edit = permissions.PERSON.allows(self.request.user, "create", None)
        return super().get_context_data(
            filter=filterset, people=rows, next_before=next_before, may_edit=may_edit, **kwargs
        )


class PersonCreate(OrganisationPage, ActPage):
    template_name = "accounts/person_form.html"
    form_class = forms.PersonForm
    tab = "people"

    def load(self):
        permissions.PERSON.require(self.request.user, "create", None)

    def act(self, form, now):
        person = services.create_person(by=self.request.user, now=now, **form.cleaned_data)
        messages.success(
            self.request,
            _("%(person)s is created. Give a first password, so that they can sign in.")
            % {"person": person},
        )
        return reverse("accounts:person_password", args=[person.pk])


class PersonPage(OrganisationPage):
    """A page about one person, for administrators. `needs` is the action that opening it takes."""

    tab = "people"
    needs = ""

    def load(self):
        self.person = get_object_or_404(User, pk=self.kwargs["pk"])
        permissions.PERSON.require(self.request.user, self.needs, self.person)

    def get_context_data(self, **kwargs):
        table, user = permissions.PERSON, self.request.user
        may = {action: table.allows(user, action, self.person) for action in table}
        return super().get_context_data(person=self.person, may=may, **kwargs)


class PersonEdit(PersonPage, ActPage):
    template_name = "accounts/person_form.html"
    form_class = forms.PersonEditForm
    needs = "edit"

    def get_initial(self):
        fields = ("username", "name", "title", "email", "language", "version")
        rights = ("is_records_administrator", "is_staff")
        memberships = list(self.person.memberships.all())
        return {name: getattr(self.person, name) for name in fields + rights} | {
            "departments": [m.department_id for m in memberships],
            "main_department": next((m.department_id for m in memberships if m.is_main), None),
        }

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"person": self.person}

    def get_context_data(self, **kwargs):
        events = Event.objects.about(self.person)[:HISTORY_AT_MOST]
        return super().get_context_data(events=events, **kwargs)

    def act(self, form, now):
        services.edit_person(person=self.person, by=self.request.user, now=now, **form.cleaned_data)
        messages.success(self.request, _("The changes are saved."))
        return "accounts:person_list"


class PersonPassword(PersonPage, ActPage):
    template_name = "accounts/person_password.html"
    form_class = forms.NewPasswordForm
    needs = "set_password"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.person}

    def act(self, form, now):
        password = form.cleaned_data["new_password1"]
        services.set_password(person=self.person, by=self.request.user, now=now, password=password)
        messages.success(
            self.request, _("%(person)s has a new password.") % {"person": self.person}
        )
        return "accounts:person_list"


@require_POST
def person_activate(request, pk):
    person = get_object_or_404(User, pk=pk)
    services.activate_person(person=person, by=request.user, now=timezone.now())
    messages.success(request, _("%(person)s may sign in again.") % {"person": person})
    return redirect("accounts:person_edit", pk)


@require_POST
def person_deactivate(request, pk):
    person = get_object_or_404(User, pk=pk)
    services.deactivate_person(person=person, by=request.user, now=timezone.now())
    messages.success(request, _("%(person)s can no longer sign in.") % {"person": person})
    return redirect("accounts:person_edit", pk)


# The organisation's settings


class OrganisationEdit(OrganisationPage, ActPage):
    template_name = "accounts/organisation_edit.html"
    form_class = forms.OrganisationForm
    tab = "settings"

    def load(self):
        permissions.ORGANISATION.require(self.request.user, "edit", None)

    def get_initial(self):
        return forms.OrganisationForm.initial_of(self.request.organisation)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        pattern = context["form"]["number_pattern"].value() or ""
        events = Event.objects.about(self.request.organisation)[:HISTORY_AT_MOST]
        return context | {"example": forms.number_example(pattern), "events": events}

    def act(self, form, now):
        services.edit_organisation(by=self.request.user, now=now, **form.cleaned_data)
        messages.success(self.request, _("The settings are saved."))
        return "accounts:organisation_edit"


def number_example(request):
    """The fragment that shows a number of the pattern being typed."""
    permissions.ORGANISATION.require(request.user, "edit", None)
    pattern = request.GET.get("number_pattern", "")
    example = forms.number_example(pattern)
    return render(request, "accounts/_number_example.html", {"example": example})


# Import


class ImportPage(OrganisationPage):
    tab = "import"

    def load(self):
        permissions.ORGANISATION.require(self.request.user, "import", None)
        self.pending = PendingImport.objects.filter(person=self.request.user).first()

    def get_context_data(self, **kwargs):
        return super().get_context_data(pending=self.pending, **kwargs)


class ImportUpload(ImportPage, ActPage):
    template_name = "accounts/import_upload.html"
    form_class = forms.UploadForm

    def act(self, form, now):
        file = form.cleaned_data["file"]
        importing.upload(by=self.request.user, now=now, file_name=file.name, data=file.read())
        return "accounts:import_preview"


class ImportPreview(ImportPage, TemplateView):
    """What storing the file would do, one kind of outcome at a time, a hundred rows a page."""

    template_name = "accounts/import_preview.html"
    page_size = 100

    def get(self, request, *args, **kwargs):
        if self.pending is None:
            return redirect("accounts:import_upload")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        by_outcome = {name: [] for name in importing.OUTCOMES}
        for row in self.pending.rows:
            by_outcome[row["outcome"]].append(row)
        first = next(name for name, rows in by_outcome.items() if rows)
        show = self.request.GET.get("show", "")
        rows = by_outcome.get(show, by_outcome[first])
        start = _small_number(self.request.GET.get("from", ""))
        return super().get_context_data(
            counts={name: len(found) for name, found in by_outcome.items()},
            show=show if show in by_outcome else first,
            rows=rows[start : start + self.page_size],
            next_from=start + self.page_size if len(rows) > start + self.page_size else None,
            **kwargs,
        )


def _small_number(text) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


@require_POST
def import_store(request):
    if importing.store(by=request.user, now=timezone.now()):
        messages.success(
            request, _("The file is stored. New people sign in once you have given a password.")
        )
        return redirect(reverse("accounts:person_list") + "?state=no_password")
    messages.warning(
        request, _("Something has changed since the preview: look again. Nothing has been stored.")
    )
    return redirect("accounts:import_preview")


@require_POST
def import_discard(request):
    importing.discard(by=request.user)
    messages.success(request, _("The file is put aside; nothing has been stored."))
    return redirect("accounts:import_upload")


def import_template(request):
    permissions.ORGANISATION.require(request.user, "import", None)
    response = HttpResponse(template_file(get_language()), content_type=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="people-and-departments.xlsx"'
    return response
