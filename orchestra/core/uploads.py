"""Stops an upload at the largest size that any door keeps, before it fills a disk."""

from typing import Any, Final

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

#: Where a view finds that a file was cut off; it is then not among the files.
TOO_LARGE: Final = "orchestra.upload_too_large"


class LimitedUpload(FileUploadHandler):
    """Counts the bytes of a request's files, and ends the upload once they are too many."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a chunk on to the handlers that keep it.

        Raises:
            StopUpload: The files together are larger than one may be.
        """
        del start
        self._received += len(raw_data)
        if self._received > settings.ORCHESTRA["EVIDENCE_FILE_BYTES"]:
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """Leave the finished file to the handlers that keep it."""
        del file_size
