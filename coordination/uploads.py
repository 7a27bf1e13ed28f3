"""How much of an upload is kept, whoever sends it to whichever address."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploads(FileUploadHandler):
    """Stands before the handlers that keep the bytes: what is too large fills no disk.

    A file that is cut off here is larger than what any form takes, and is refused as that.
    """

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803
        if content_length > settings.UPLOAD_MAX_REQUEST_BYTES:
            raise RequestDataTooBig("These files are too large together.")

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start <= settings.UPLOAD_MAX_BYTES else None

    def file_complete(self, file_size):
        return None
