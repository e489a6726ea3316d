"""``wsgi:app`` for any WSGI server; settings come from the environment."""

from server.app import create_app
from server.runtime import start
from server.settings import from_environment

app = create_app(start(from_environment()))
