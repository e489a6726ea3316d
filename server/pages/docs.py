"""The API reference: Swagger UI over ``/openapi.json``, all of it from this host."""

from flask import Blueprint, Response, abort, make_response, render_template
from flask import send_from_directory as send

pages = Blueprint("docs", __name__, template_folder="../templates")
FOLDER = "vendored/swagger-ui"
TYPES = {
    "swagger-ui-bundle.js": "text/javascript",
    "start.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
# Swagger UI writes style attributes, and its pictures stand in the style sheet
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@pages.get("/docs")
def reference() -> Response:
    """Every operation, to read and to try with a token of one's own."""
    response = make_response(render_template("docs.html"))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@pages.get("/docs/<string:name>")
def part(name: str) -> Response:
    """A file of Swagger UI; the same for everybody, so it may be kept for an hour."""
    if name not in TYPES:
        abort(404)
    return send(FOLDER, name, mimetype=TYPES[name], max_age=3600)
