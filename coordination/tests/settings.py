"""The real settings with the data in a folder of this process that goes away with it."""

import atexit
import os
import shutil
import tempfile

folder = tempfile.mkdtemp(prefix="coordination-tests-")
atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["DATA_DIR"] = folder

from coordination.settings import *  # noqa: E402, F403

# Names as written in the sources: nothing has to be collected and compressed first.
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
STATIC_ROOT.mkdir()  # noqa: F405
# The real ones take 0.3 s each, on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
