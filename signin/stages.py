"""The steps of signing in after the first."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings


class SecondStepStage(AuthenticateStage):
    """Asks for the second factor, unless the company's identity provider has seen to it."""

    def handle(self):
        records = get_authentication_records(self.request, self.login.user)
        if (
            settings.OIDC_HAS_SECOND_FACTOR
            and records[-1:]
            and (records[-1]["method"] == "socialaccount")
        ):
            return None, True
        return super().handle()
