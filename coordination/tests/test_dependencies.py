"""What the application stands on is exact, and a known vulnerability in it stops the gate."""

import importlib.util
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from coordination.tests.test_architecture import ROOT

PIN = re.compile(r"[\w.-]+(\[[\w,]+\])?==\w+(\.\w+)*(; [\w. <>=\"]+)?")
FILES = ["requirements.txt", "requirements-dev.txt"]
ADVISORY = {
    "id": "GHSA-1234",
    "aliases": ["CVE-2099-0001"],
    "modified": "2099-01-01T00:00:00Z",
    "published": "2099-01-01T00:00:00Z",
    "summary": "Bad.",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "django"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "5.2.1"}]}],
        }
    ],
}


@pytest.mark.parametrize("name", FILES)
def test_every_version_is_exact(name):
    lines = (ROOT / name).read_text().splitlines()
    named = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert named
    assert [line for line in named if not PIN.fullmatch(line)] == []
    packages = [re.split(r"[\[=]", line)[0].lower() for line in named]
    assert len(set(packages)) == len(packages)


@pytest.fixture(scope="module")
def advisories():
    spec = importlib.util.spec_from_file_location("advisories", ROOT / "script" / "advisories.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Advisories(BaseHTTPRequestHandler):
    """Answers as osv.dev does; knows of one package."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = asked["package"]["name"] == "django"
        body = json.dumps({"vulns": [ADVISORY]} if known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def service():
    with HTTPServer(("127.0.0.1", 0), Advisories) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield [("-s", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/v1/query")]
        server.shutdown()


def asked(advisories, folder, lines, services):
    path = folder / "requirements.txt"
    path.write_text(lines)
    return advisories.known_vulnerabilities(path, services)


def test_a_known_vulnerability_is_named_with_what_mends_it(advisories, tmp_path, service):
    found = asked(advisories, tmp_path, "Django==5.2.0\nsix==1.17.0\n", service)
    assert found == ["django 5.2.0: CVE-2099-0001 GHSA-1234, mended in 5.2.1"]


def test_without_one_nothing_is_named(advisories, tmp_path, service):
    assert asked(advisories, tmp_path, "six==1.17.0\n", service) == []


def test_without_a_service_nothing_is_claimed(advisories, tmp_path):
    nowhere = [("-s", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")]
    assert asked(advisories, tmp_path, "six==1.17.0\n", nowhere) is None
