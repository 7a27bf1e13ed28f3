from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    """Apart from the change of rows before it: PostgreSQL alters no table with pending rows."""

    dependencies = [("tasks", "0004_plans_and_causes")]

    operations = [
        migrations.RemoveConstraint("progressupdate", "progress_deviation_has_reason"),
        migrations.AddConstraint(
            "progressupdate",
            models.CheckConstraint(
                condition=Q(
                    Q(
                        ("actual__lte", models.expressions.CombinedExpression(F("planned"), "+", F("tolerance"))),
                        ("planned__lte", models.expressions.CombinedExpression(F("actual"), "+", F("tolerance"))),
                    ),
                    Q(Q(("reason", ""), _negated=True), Q(("cause", ""), _negated=True)),
                    _connector="OR",
                ),
                name="progress_deviation_has_reason",
                violation_error_message="A deviation, behind or ahead, needs a reason.",
            ),
        ),
        migrations.AddConstraint(
            "progressupdate",
            models.CheckConstraint(
                condition=Q(("cause__in", ["", "waiting", "requirement", "resources", "estimate", "quality", "outside", "easier", "other"])),
                name="progress_cause_known",
            ),
        ),
    ]
