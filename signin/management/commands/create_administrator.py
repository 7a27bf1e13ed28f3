"""Makes a system administrator: `manage.py create_administrator zhang.san --email …`."""

from getpass import getpass

from django.conf import settings
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from coordination.errors import DomainError
from signin.links import link_for
from signin.services.administrators import create_administrator


class Command(BaseCommand):
    help = (
        "Makes a system administrator. Asks for a password, or with --link prints a link with"
        " which they set one themselves. There is no account and no password by default."
    )

    def add_arguments(self, parser):
        parser.add_argument("username", help="the login name")
        parser.add_argument("--name", help="as people see it; the login name, if left out")
        parser.add_argument("--email", default="", help="for mails, and to set a new password")
        parser.add_argument("--link", action="store_true", help="print a link, ask for nothing")

    def handle(self, *, username, name, email, link, **options):
        self.check_words(username, email)
        try:
            person = create_administrator(
                username=username,
                name=name or username,
                email=email,
                password=None if link else self.ask_password(),
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{username} is an administrator.")
        if link:
            minutes = settings.PASSWORD_RESET_TIMEOUT // 60
            self.stdout.write(f"Sets the password once, within {minutes} minutes:")
            self.stdout.write(link_for(person))

    def check_words(self, username, email):
        try:
            UnicodeUsernameValidator()(username)
            if email:
                validate_email(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def ask_password(self) -> str:
        try:
            password = getpass("Password, at least 12 characters: ")
            again = getpass("The same again: ")
        except EOFError as error:
            raise CommandError("Nobody can type a password here: use --link.") from error
        if again != password:
            raise CommandError("The two are not the same.")
        return password
