"""A file as an answer: shown by the browser, kept nowhere on the way."""

from django.http import HttpResponse


def file_response(content: bytes, media_type: str, filename: str) -> HttpResponse:
    """Return a file that a browser shows if it can. `filename`: of ASCII letters, without personal data."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return response
