"""Language and time zone of the answer."""

from django.utils import timezone, translation

from accounts.models import Organisation


class PersonMiddleware:
    """The person's language where one is chosen, and always the organisation's time zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.organisation = Organisation.current()
        timezone.activate(request.organisation.zone)
        language = request.user.is_authenticated and request.user.language
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
