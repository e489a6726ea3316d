"""Write ``openapi.json`` from the code; a test fails when the committed one differs."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from core.keyring import Keyring
from models import database
from models.sealed import ring
from server.app import create_app
from server.runtime import Runtime
from server.settings import Settings

TARGET = Path(__file__).parent / "openapi.json"


class _NoClock:
    """Building a document asks for no time."""

    def now(self, session: Session) -> datetime:
        """The epoch of the product."""
        return datetime(2026, 1, 1, tzinfo=UTC)


def document() -> str:
    """The OpenAPI 3.1 document, stable to the byte for the same code."""
    ring.use(Keyring.generate())
    engine = database.connect("sqlite:///:memory:")
    settings = Settings(Path(), "sqlite:///:memory:", Path(), "http://127.0.0.1:8000")
    app = create_app(Runtime(settings, engine, database.factory(engine), _NoClock()))
    spec = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
    engine.dispose()
    return json.dumps(spec, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write the document."""
    TARGET.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name} written\n")


if __name__ == "__main__":
    main()
