"""Known vulnerabilities of the packages that the application runs on, by pip-audit."""

import json
import subprocess
import sys
from pathlib import Path

# Who knows of vulnerabilities; the first that answers is believed.
SERVICES = (("-s", "pypi"), ("-s", "osv"))
# Every version stands in the file: nothing has to be resolved or downloaded.
OPTIONS = ("--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json")
LONGEST = 300


def known_vulnerabilities(requirements: Path, services=SERVICES) -> list[str] | None:
    """A line for each vulnerability: package, its names, the versions that mend it.

    None when no service could be asked: without network, or behind an index that has no
    advisories.
    """
    for service in services:
        packages = _ask(requirements, service)
        if any("vulns" in package for package in packages):
            return [_words(p, found) for p in packages for found in p.get("vulns", [])]
    return None


def _ask(requirements, service) -> list[dict]:
    """Each package with its `vulns`, or with a `skip_reason` where the service has no answer."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(requirements), *OPTIONS, *service]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST)
        return json.loads(run.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []


def _words(package, found) -> str:
    names = " ".join([found["id"], *found.get("aliases", [])])
    mended = ", ".join(found.get("fix_versions", [])) or "no version yet"
    return f"{package['name']} {package['version']}: {names}, mended in {mended}"
