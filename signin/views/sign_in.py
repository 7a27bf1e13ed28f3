"""The way in and out."""

from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from signin.forms import SignInForm

TOO_MANY_REQUESTS = 429


def status_of(form) -> int:
    """Of an answer to a form that was refused: counted out, or just not right."""
    errors = form.errors.as_data().values()
    refused = {error.code for found in errors for error in found}
    return TOO_MANY_REQUESTS if "too_many" in refused else 422


class SignIn(LoginView):
    template_name = "signin/sign_in.html"
    form_class = SignInForm

    def get(self, request, *args, **kwargs):
        """A part of a page that asks again after the session ended brings the whole page here."""
        if request.htmx:
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        company = settings.COMPANY_ACCOUNTS and (settings.OIDC_NAME or _("the company account"))
        return super().get_context_data(company=company, **kwargs)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=status_of(form))


class SignOut(LogoutView):
    """Also has the browser forget what it kept of this site (over HTTPS it does)."""

    http_method_names = ("post",)

    def post(self, *args, **kwargs):
        response = super().post(*args, **kwargs)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response
