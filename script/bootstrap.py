"""Makes .venv and installs what a requirements file pins; skips all of it when nothing changed.

Runs on a bare Python, so only the standard library. Each problem is one line, then exit code 1.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALL_LOG = VENV / "install.log"
PDF_LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
OFFLINE = ("Temporary failure in name resolution", "Name or service not known", "NewConnection")
OFFLINE += ("Connection refused", "Network is unreachable", "ConnectTimeout", "Max retries")


def main(requirements: str) -> None:
    stamp = VENV / f".{requirements}.installed"
    wanted = fingerprint(requirements)
    fresh = stamp.exists() and stamp.read_text() == wanted
    if not fresh:
        make_venv()
        install(requirements)
    check_pdf_libraries(may_install=not fresh)
    if not fresh:
        stamp.write_text(wanted)


def fingerprint(requirements: str) -> str:
    """Changes with the pins, the Python they were installed for and the place of the folder."""
    files = (
        sorted(ROOT.glob("requirements*.txt")) if "dev" in requirements else [ROOT / requirements]
    )
    pins = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(pins + f"{ROOT} {sys.version_info[:2]}".encode()).hexdigest()


def make_venv() -> None:
    if runs("import pip"):
        return
    if not os.access(VENV if VENV.exists() else ROOT, os.W_OK):
        sys.exit(
            f"Cannot write to {ROOT}: .venv is made there. Copy the project to your own folder."
        )
    if not importlib.util.find_spec("ensurepip"):
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        if not apt_install([f"{version}-venv"]):
            sys.exit(f"Python lacks its venv module: apt-get install {version}-venv")
    print("Making .venv …", flush=True)
    made = run(sys._base_executable, "-m", "venv", "--clear", str(VENV))
    if made.returncode:
        sys.exit(f"Cannot make {VENV}: {last_line(made.stdout)}")


def install(requirements: str) -> None:
    print(f"Installing {requirements} into .venv, once, about a minute …", flush=True)
    if not os.access(VENV, os.W_OK):
        sys.exit(f"Cannot write to {VENV}: the packages are installed there.")
    pip = ("-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--retries", "2")
    done = run(str(PYTHON), *pip, "-r", str(ROOT / requirements))
    INSTALL_LOG.write_text(done.stdout)
    if done.returncode:
        offline = any(sign in done.stdout for sign in OFFLINE)
        why = "the package registry cannot be reached" if offline else last_line(done.stdout)
        sys.exit(f"Cannot install {requirements}: {why} (see {INSTALL_LOG}).")


def check_pdf_libraries(*, may_install: bool) -> None:
    """Says what is missing for PDF, after trying to install it where that is allowed."""
    if sys.platform != "linux":
        return
    missing = missing_libraries()
    if missing and may_install:
        apt_install(missing)
        missing = missing_libraries()
    if missing:
        print(f"No PDF until this is installed: apt-get install {' '.join(missing)}", flush=True)


def missing_libraries() -> list[str]:
    return [package for library, package in PDF_LIBRARIES.items() if not loads(library)]


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def apt_install(packages: list[str]) -> bool:
    """Whether they are installed now: with apt-get, as root or by a sudo that asks nothing."""
    apt = privileged("apt-get")
    if not apt:
        return False
    print(f"Installing {' '.join(packages)} …", flush=True)
    command = [*apt, "install", "-y", "--no-install-recommends", *packages]
    if run(*command).returncode == 0:
        return True
    return run(*apt, "update").returncode == 0 and run(*command).returncode == 0


def privileged(program: str) -> list[str]:
    """The program as root's command line; empty where it is missing or not allowed."""
    if not shutil.which(program):
        return []
    if os.geteuid() == 0:
        return [program]
    sudo = shutil.which("sudo")
    allowed = sudo and run(sudo, "-n", "true").returncode == 0
    return [sudo, "-n", program] if allowed else []


def runs(code: str) -> bool:
    return PYTHON.exists() and run(str(PYTHON), "-c", code).returncode == 0


def run(*command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )


def last_line(output: str) -> str:
    """What pip or venv complained of: its last error, else its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
    errors = [line for line in lines if line.startswith(("ERROR:", "Error:"))]
    return (errors or lines)[-1].removeprefix("ERROR:").strip()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Cannot prepare {VENV}: {error}")
