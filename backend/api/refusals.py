"""What is answered instead of a result: a status, a word for a program, a sentence for a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from backend.domain.imaging import ImageError
from backend.services.feedback import KeyReusedError
from backend.services.pictures import MAX_BYTES
from backend.services.reading import BusyError, ReaderError

STATUS = {"not_image": 415, "too_large": 413}  # of pictures; all else is 422
RETRY_AFTER = 5  # seconds


class Refusal(HTTPException):
    """An answer with a status of 400 or more; `backend/errors.py` gives it the shape that all of them have."""

    def __init__(self, status: int, word: str, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.code, self.word, self.retry_after = status, word, retry_after

    @property
    def name(self) -> str:
        """The word that becomes the error's code."""
        return self.word

    def get_headers(self, *arguments: object, **options: object) -> list[tuple[str, str]]:
        """When it may be tried again."""
        return [("Retry-After", str(self.retry_after))] if self.retry_after else []


@contextmanager
def explained() -> Iterator[None]:
    """Answer what services and the form refuse, each with its sentence."""
    try:
        yield
    except ImageError as error:
        raise Refusal(STATUS.get(error.code, 422), error.code, str(error)) from error
    except RequestEntityTooLarge as error:
        limit = MAX_BYTES // 1_000_000
        raise Refusal(
            413, "too_large", f"expected a picture of at most {limit} MB and short fields, got more"
        ) from error
    except KeyReusedError as error:
        raise Refusal(422, "key_reused", str(error)) from error
    except BusyError as error:
        raise Refusal(503, "busy", str(error), RETRY_AFTER) from error
    except ReaderError as error:
        raise Refusal(503, "unavailable", str(error), RETRY_AFTER) from error
