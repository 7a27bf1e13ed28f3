"""What people got, as the mail server saw it, beside what they should have got."""

import datetime as dt
from collections import Counter

from django.utils import timezone

from campaigns import Outcome
from campaigns.company import NAME
from deadlines.models import Message
from deadlines.recount import differences


class Tally:
    """`due` says when the log of each talk was due; `server` what it took."""

    def __init__(self, server, due: dict[str, dt.datetime]):
        self.due, self.server = due, server
        self.copies: Counter[str] = Counter()
        """How often a mail was taken, by its Message-ID."""
        self.told: dict[str, set[str]] = {}
        """The mails, by Message-ID, that remind of a talk."""
        self.first_at: dict[str, float] = {}
        self._read = 0

    def read(self) -> "Tally":
        """Also what came since the last time."""
        new = self.server.accepted[self._read :]
        self._read += len(new)
        for taken in new:
            mail = taken.mail
            self.copies[mail["Message-ID"]] += 1
            for name in set(NAME.findall(mail.get_body(("plain",)).get_content())):
                self.told.setdefault(name, set()).add(mail["Message-ID"])
                self.first_at.setdefault(name, taken.at)
        return self

    @property
    def lost(self) -> list[str]:
        return sorted(self.due.keys() - self.told.keys())

    @property
    def told_twice(self) -> list[str]:
        """Told in two mails that nobody would recognise as one."""
        return sorted(name for name in self.due if len(self.told.get(name, ())) > 1)

    @property
    def extra(self) -> int:
        """Copies of a mail that had been taken before, with the same Message-ID."""
        return self.copies.total() - len(self.copies)

    @property
    def longest_delay(self) -> float:
        """From when it was due until its mail was taken, in seconds."""
        told = self.due.keys() & self.first_at.keys()
        return max((self.first_at[name] - self.due[name].timestamp() for name in told), default=0)

    def outcome(self, *, extra_allowed: int, **figures) -> Outcome:
        """The figures of a campaign that is over, and the promises that all of them keep."""
        self.read()
        outcome = Outcome(
            {
                "reminders": len(self.due),
                "mails": len(self.copies),
                **figures,
                "lost": len(self.lost),
                "told twice": len(self.told_twice),
                "extra copies": self.extra,
            }
        )
        outcome.promise(f"none lost ({self.lost[:5]})", not self.lost)
        outcome.promise(f"none told twice ({self.told_twice[:5]})", not self.told_twice)
        outcome.promise(f"at most {extra_allowed} extra copies", self.extra <= extra_allowed)
        failed = Message.objects.filter(state=Message.State.FAILED).count()
        outcome.promise(f"no mail failed ({failed})", not failed)
        wrong = differences(timezone.now())
        outcome.promise(f"the recount finds nothing ({wrong[:3]})", not wrong)
        return outcome
