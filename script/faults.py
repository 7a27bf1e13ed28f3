"""Breaks things while reminders are due, and counts what people got.

    script/faults                                  all campaigns, some three quarters of an hour
    script/faults kill --kills 5 --reminders 100   one of them, shorter
    script/faults mail --hurry                     does not wait for leases and retries to end
    script/faults redis --sqlite                   on SQLite instead of PostgreSQL

Everything is real and of this run alone: the product's own worker, beat and web processes, a
PostgreSQL server, a broker, an SMTP server on loopback. Each campaign prints one line of figures,
and what was promised and not kept; then it exits with 1.
"""

import argparse
import inspect
import signal
import subprocess
import sys
import time

from campaigns import CAMPAIGNS, Outcome, campaign_called
from campaigns.surroundings import running_site


def main(arguments: list[str]) -> int:
    if arguments and arguments[0] in CAMPAIGNS:
        return one(arguments[0], arguments[1:])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("campaign", nargs="?", choices=CAMPAIGNS, help="by default all")
    common_options(parser)
    parser.parse_args(arguments)
    return everything(arguments)


def common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sqlite", action="store_true", help="instead of PostgreSQL")
    parser.add_argument(
        "--hurry",
        action="store_true",
        help="beat ticks every second, leases are ended in the database instead of waited for",
    )


def one(name: str, arguments: list[str]) -> int:
    """Runs a campaign; its options are the keyword arguments of its function."""
    parser = argparse.ArgumentParser(prog=f"script/faults {name}")
    common_options(parser)
    given, _rest = parser.parse_known_args(arguments)
    began = time.monotonic()
    with running_site(sqlite=given.sqlite, hurry=given.hurry) as site:
        campaign = campaign_called(name)
        for option in inspect.signature(campaign).parameters.values():
            if option.kind is option.KEYWORD_ONLY:
                kind = type(option.default)
                parser.add_argument(f"--{option.name}", type=kind, default=option.default)
        options = vars(parser.parse_args(arguments))
        own = {name: value for name, value in options.items() if name not in vars(given)}
        try:
            outcome = campaign(site, **own)
        except TimeoutError as error:
            outcome = Outcome(broken=[str(error)])
        if not outcome.kept:
            site.show_logs()
    outcome.figures["seconds"] = round(time.monotonic() - began)
    return report(name, outcome)


def report(name: str, outcome: Outcome) -> int:
    figures = " · ".join(f"{value} {words}" for words, value in outcome.figures.items())
    print(f"{name:9} {'ok    ' if outcome.kept else 'BROKEN'} {figures}", flush=True)
    for words in outcome.broken:
        print(f"{'':9}        not kept: {words}", flush=True)
    return 0 if outcome.kept else 1


def everything(arguments: list[str]) -> int:
    """Every campaign in a process of its own, because settings name one database."""
    ended = {}
    for name in CAMPAIGNS:
        ended[name] = subprocess.run([sys.executable, __file__, name, *arguments]).returncode
    broken = [name for name, code in ended.items() if code]
    print(
        f"{len(ended)} campaigns, {len(broken)} broken{': ' if broken else ''}{', '.join(broken)}"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    # What was started is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
