from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    verbose_name = _("reviews")

    def ready(self):
        from deadlines import kinds
        from reviews import duties

        for kind in duties.KINDS:
            kinds.register(kind)
