"""One place where exceptions become answers: `{"error": {"code", "message"}}` for programs, one page for people."""

from __future__ import annotations

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError


def init_app(app: Flask) -> None:
    """Answer every error in one shape."""
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_crash)


def answer_http_error(error: HTTPException) -> Response:
    """Answer an error that has a status of its own, keeping its headers (`Allow`, `Retry-After`, `Location`)."""
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    code = error.name.lower().replace(" ", "_")
    message = error.description or error.name
    if wants_json():
        response = jsonify(error={"code": code, "message": message})
    else:
        template = "admin/error.html" if request.path.startswith("/admin/") else "error.html"
        response = make_response(render_template(template, title=error.name, message=message, code=error.code))
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    response.status_code = error.code
    response.cache_control.no_store = True
    return response


def answer_crash(error: Exception) -> Response:
    """Answer a defect of ours: logged in full, told without its inside."""
    address = request.url_rule.rule if request.url_rule else "an unknown address"  # what was asked for may be a secret
    current_app.logger.error("unhandled error at %s %s", request.method, address, exc_info=error)
    return answer_http_error(InternalServerError("Something went wrong on the server. It has been logged."))


def wants_json() -> bool:
    """Tell whether the one who asks is a program: by the address, or by what it accepts."""
    if request.path.startswith("/api/") or request.path == "/healthz":
        return True
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) != "text/html"
