"""Taking the files of a plain form: what is good is kept, what is refused is said."""

import logging
from collections.abc import Callable, Iterable

from django.core.files.uploadedfile import UploadedFile

from portal.files.refusal import Refused
from submissions.rules import NotAllowed

log = logging.getLogger(__name__)


def take_each(uploads: Iterable[UploadedFile], take: Callable[[UploadedFile], object]) -> list[str]:
    """Call `take` with each upload; the sentences of those that were refused, each once."""
    refusals = []
    for upload in uploads:
        try:
            take(upload)
        except (Refused, NotAllowed) as refusal:
            refusals.append(str(refusal))
        except OSError:
            log.exception("an upload could not be stored")
            refusals.append(
                f"文件“{upload.name}”暂时无法保存，请稍后重新上传；如仍不能保存，请联系系统管理员。"
            )
    return list(dict.fromkeys(refusals))
