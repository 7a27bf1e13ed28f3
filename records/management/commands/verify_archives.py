"""Checks every archive against its check code and the chain; fails when anything is wrong."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from records.services import verify_chain


class Command(BaseCommand):
    help = "Recomputes the check code of every archive and the links between them."

    def handle(self, **options):
        count, findings = verify_chain()
        for finding in findings:
            where = f"{finding.archive}: " if finding.archive else ""
            self.stderr.write(f"{where}{finding.problem}")
        if findings:
            raise CommandError(_("The archives are not what was signed."))
        self.stdout.write(
            ngettext(
                "%(count)d archive, unchanged and in its place.",
                "%(count)d archives, all unchanged and in their places.",
                count,
            )
            % {"count": count}
        )
