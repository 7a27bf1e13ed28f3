"""Mails about changes, stopped from the mail itself, without signing in."""

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.services import people
from accounts.unsubscribe import person_of

NOT_FOUND = 404


@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """Looking changes nothing; a POST stops the mails.

    Mail programs send it without cookie or form key (RFC 8058), so that the signed token alone
    says who; they follow no redirect. A forged POST would need the token, and could do no more.
    """
    person = person_of(token)
    if person is None:
        return render(request, "accounts/unsubscribe_unknown.html", status=NOT_FOUND)
    if request.method == "POST":
        by_mail_program = "List-Unsubscribe" in request.POST
        people.stop_change_mails(person=person, by=person, now=timezone.now())
        if not by_mail_program:
            return redirect(request.path)
    return render(request, "accounts/unsubscribe.html", {"person": person})
