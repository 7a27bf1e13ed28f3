"""A version of a week's report as a file."""

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.views.generic import View

from weekly import pdf
from weekly.curve import curve_of, with_course
from weekly.views.week import WeekOfTask


class WeekPdf(WeekOfTask, View):
    """`?week=&version=`; without a week the last that was issued, without a version its last.
    What was never issued is no paper.
    """

    @cached_property
    def monday(self):
        asked = self.request.GET.get("week")
        return self._last_issued() if asked is None else self._named(asked)

    def _named(self, asked):
        return next((week for week in self.mondays if week.isoformat() == asked), None)

    def _last_issued(self):
        issued = self.task.weekly_syncs.filter(reports__isnull=False).order_by("-week")
        return issued.values_list("week", flat=True).first()

    def get(self, request, *args, **kwargs):
        version = self._version()
        before = [each for each in self.versions if each.number == version.number - 1]
        subtasks = with_course(self.task.subtasks.live())
        body = pdf.render(
            version,
            next(iter(before), None),
            chart=curve_of(subtasks, self.terms, self.monday),
            readings=version.readings.select_related("reader", "department"),
            organisation=request.organisation,
            now=timezone.now(),
        )
        name = f"{self.task.number} {self.monday} v{version.number}.pdf".replace("/", "_")
        disposition = content_disposition_header(True, name)
        return HttpResponse(
            body,
            content_type="application/pdf",
            headers={"Content-Disposition": disposition},
        )

    def _version(self):
        asked = self.request.GET.get("version")
        found = [v for v in self.versions if asked in (None, str(v.number))] if self.monday else []
        if not found:
            raise Http404
        return found[-1]
