"""Photos on badges in a folder: sealed there, slow there, gone from there."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from core.errors import Misconfigured
from core.words import Role
from credentials import photos
from credentials.photo_files import Folder
from models import Badge, BadgePhoto, resealing
from models.badges import Filed
from models.sealed import ring
from server import clock
from tests.api.conftest import Office
from tests.api.test_verifications import ask, codes, seen
from tests.support.samples import picture

JPEG = "image/jpeg"


def use(office: Office, url: str, **options: float) -> Folder:
    """From now on photos are kept there."""
    folder = Folder(url, **options)
    here = office.world.app.extensions["vouchsafe"]
    office.world.app.extensions["vouchsafe"] = replace(here, photos=folder)
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the files are."""
    return tmp_path / "photos of badges"


@pytest.fixture
def folder(office: Office, place: Path) -> Folder:
    """A folder of this machine."""
    return use(office, f"file://{place}", patience_s=0.3)


def badge(office: Office, number: int = 0) -> str:
    """The address of a badge of the street's pair."""
    items = office[Role.ADMIN].get("/v1/badges").json["items"]
    return f"/v1/badges/{items[number]['id']}"


def put(office: Office, colour: str = "red", number: int = 0) -> str:
    """Give a badge a photo; the photo's address."""
    url = f"{badge(office, number)}/photo"
    assert office[Role.ADMIN].upload(url, picture(colour), JPEG).status_code == 200
    return url


def good_code(office: Office) -> str:
    """A code whose visitors are expected now."""
    _, code = codes(office)
    office.world.clock.forward(hours=2)
    return code


def sweep(office: Office, folder: Folder, *, later: timedelta = timedelta(0)) -> int:
    """Delete what no row names."""
    now = clock.real() + later
    return photos.sweep(office.world.database.sessions, folder, now=now)


def test_the_file_is_noise_without_its_row(office: Office, folder: Folder, place: Path):
    url = put(office)
    [file] = place.iterdir()
    shown = office[Role.AUDITOR].get(url)
    assert (shown.status_code, shown.mimetype) == (200, JPEG)
    assert shown.data.startswith(b"\xff\xd8")
    assert shown.data not in file.read_bytes()
    assert b"JFIF" not in file.read_bytes()
    [row] = office.make.session.scalars(select(BadgePhoto))
    assert len(row.image_sealed) < 300


def test_a_photo_from_before_the_folder_is_shown_too(office: Office, place: Path):
    url = put(office)
    before = office[Role.ADMIN].get(url)
    use(office, f"file://{place}")
    after = office[Role.ADMIN].get(url)
    assert (after.data, after.headers["ETag"]) == (before.data, before.headers["ETag"])


def test_any_file_system_will_do(office: Office):
    use(office, "memory://badges")
    url = put(office)
    assert office[Role.ADMIN].get(url).status_code == 200


def test_what_no_photo_needs_is_swept_after_an_hour(
    office: Office, folder: Folder, place: Path
):
    url = put(office, "red")
    put(office, "blue")
    assert office[Role.ADMIN].get(url).status_code == 200
    (place / "README").write_text("somebody else's")
    assert len(list(place.iterdir())) == 3
    assert sweep(office, folder) == 0
    assert sweep(office, folder, later=timedelta(hours=2)) == 1
    assert sweep(office, folder, later=timedelta(hours=2)) == 0
    assert office[Role.ADMIN].get(url).status_code == 200
    office[Role.ADMIN].delete(url)
    assert sweep(office, folder, later=timedelta(hours=2)) == 1
    assert [one.name for one in place.iterdir()] == ["README"]


def test_keys_turn_and_no_file_is_touched(office: Office, folder: Folder, place: Path):
    url = put(office)
    first, [file] = ring.keyring, place.iterdir()
    before, written = office[Role.ADMIN].get(url).data, file.read_bytes()
    turned = first.announce().turn()
    try:
        ring.use(turned)
        resealing.reseal(office.world.database.sessions, tell=lambda _: None)
        ring.use(turned.keep(set()))
        assert first.current not in ring.keyring.data_keys
        assert office[Role.ADMIN].get(url).data == before
        assert file.read_bytes() == written
    finally:
        ring.use(first)


def test_a_good_check_shows_the_faces_and_a_lost_file_costs_it_nothing_else(
    office: Office, folder: Folder, place: Path
):
    first, second = put(office, "red", 0), put(office, "blue", 1)
    code = good_code(office)
    whole = ask(office, code).json
    kept = [office[Role.ADMIN].get(url).data for url in (first, second)]
    assert [seen(one) for one in whole["photos"]] == kept
    for file in place.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    office.world.clock.forward(minutes=1)
    without = ask(office, code).json
    assert without == {**whole, "photos": [None, None]}
    answer = office[Role.ADMIN].get(first)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.mimetype == "application/problem+json"


def test_without_the_folder_the_check_goes_on(office: Office, folder: Folder):
    put(office)
    code = good_code(office)
    here = office.world.app.extensions["vouchsafe"]
    office.world.app.extensions["vouchsafe"] = replace(here, photos=None)
    answer = ask(office, code).json
    assert answer["answer"] == "expected_now"
    assert answer["photos"] == [None, None]


class Stuck:
    """A file system that does not answer until it is let go."""

    def __init__(self) -> None:
        self.asked, self.free = threading.Event(), threading.Event()
        self.calls = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self._wait

    def _wait(self, *_: Any, **__: Any) -> None:
        self.calls += 1
        self.asked.set()
        self.free.wait(30)
        raise OSError("the connection is gone")


def test_a_stuck_folder_holds_no_lock_and_nobody_long(office: Office, folder: Folder):
    put(office)
    code = good_code(office)
    stuck = Stuck()
    folder.files, folder.patience_s = stuck, 5.0
    answers: list[Any] = []
    client = office.world.app.test_client()
    asker = threading.Thread(
        target=lambda: answers.append(
            client.post("/v1/verifications", json={"code": code})
        )
    )
    asker.start()
    assert stuck.asked.wait(10)
    with office.world.database.sessions.begin() as session:  # SQLite has one writer
        session.execute(delete(Badge).where(Badge.number == "no such badge"))
    assert answers == []
    stuck.free.set()
    asker.join(10)
    assert answers[0].json["answer"] == "expected_now"
    hangs = Stuck()
    folder.files, folder.patience_s = hangs, 0.2
    assert ask(office, code).json["photos"] == [None, None]
    asked, folder.patience_s = hangs.calls, 8.0
    with ThreadPoolExecutor(8) as pool:
        refused = [pool.submit(folder.put, b"a photo") for _ in range(8)]
    assert {type(one.exception()) for one in refused} == {photos.Away}
    assert hangs.calls == asked + 1  # one waits for it, and nobody else


def test_an_upload_that_cannot_be_kept_changes_nothing(office: Office, folder: Folder):
    folder.files, folder.patience_s = Stuck(), 0.05
    url = badge(office)
    before = office[Role.ADMIN].get(url).json
    refused = office[Role.ADMIN].upload(f"{url}/photo", picture(), JPEG)
    assert refused.status_code == 503
    assert office[Role.ADMIN].get(url).json == before


@pytest.mark.parametrize("url", ["nowhere://photos", "s3://bucket/photos"])
def test_a_place_that_nothing_here_can_reach_is_named_at_the_start(url: str):
    with pytest.raises(Misconfigured, match="VOUCHSAFE_PHOTOS"):
        Folder(url)


def test_a_key_opens_no_other_file(folder: Folder, place: Path):
    one, other = folder.put(b"one"), folder.put(b"other")
    for named in (Filed(other.name, one.key), Filed(one.name, other.key)):
        with pytest.raises(photos.Away):
            folder.read(named)
    assert (folder.read(one), folder.read(other)) == (b"one", b"other")
