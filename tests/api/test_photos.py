"""Photos on badges over HTTP."""

import io

import pytest
from PIL import Image

from core.words import Role
from credentials import pictures
from server import sizes
from tests.api.conftest import Office
from tests.api.test_badges import WHY
from tests.support.samples import picture

JPEG, PNG = "image/jpeg", "image/png"


@pytest.fixture
def url(office: Office) -> str:
    """A badge of the street's pair."""
    office.world.make.session.commit()
    [first, _] = office[Role.ADMIN].get("/v1/badges").json["items"]
    return f"/v1/badges/{first['id']}"


def test_a_photo_is_set_shown_replaced_and_removed(office: Office, url: str):
    admin, photo = office[Role.ADMIN], f"{url}/photo"
    assert admin.get(photo).status_code == 404
    before = admin.get(url)
    made = admin.upload(photo, picture(), JPEG)
    assert (made.status_code, made.json["id"]) == (200, before.json["id"])
    assert made.json["photo_id"] is not None
    assert made.headers["ETag"] == admin.get(url).headers["ETag"]
    shown = office[Role.AUDITOR].get(photo)
    assert (shown.status_code, shown.mimetype) == (200, JPEG)
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert Image.open(io.BytesIO(shown.data)).size == (240, 320)
    again = admin.upload(photo, picture("blue"), JPEG)
    assert again.json["photo_id"] != made.json["photo_id"]
    assert admin.get(photo).data != shown.data
    assert admin.delete(photo).json["photo_id"] is None
    assert admin.get(photo).status_code == admin.delete(photo).status_code == 404
    assert admin.get(url).json == before.json


def test_who_has_the_photo_already_is_told_so(office: Office, url: str):
    admin, photo = office[Role.ADMIN], f"{url}/photo"
    admin.upload(photo, picture(), JPEG)
    held = {"If-None-Match": admin.get(photo).headers["ETag"], **admin.headers}
    same = admin.client.get(photo, headers=held)
    assert (same.status_code, same.data) == (304, b"")


def test_nobody_overwrites_a_photo_unread(office: Office, url: str):
    admin, photo = office[Role.ADMIN], f"{url}/photo"
    read = admin.get(url).headers["ETag"]
    for headers, status in (({"If-Match": ""}, 428), ({"If-Match": '"old"'}, 412)):
        assert admin.upload(photo, picture(), JPEG, **headers).status_code == status
    assert admin.upload(photo, picture(), JPEG, **{"If-Match": read}).status_code == 200
    late = admin.upload(photo, picture("blue"), JPEG, **{"If-Match": read})
    assert late.status_code == 412
    for headers, status in (({"If-Match": ""}, 428), ({"If-Match": read}, 412)):
        assert admin.delete(photo, **headers).status_code == status
    assert admin.get(photo).status_code == 200


def test_what_is_no_photo_is_refused_and_changes_nothing(office: Office, url: str):
    admin, photo = office[Role.ADMIN], f"{url}/photo"
    before = admin.get(url).json
    tiny, gif = picture(size=(20, 20)), b"GIF89a"
    for data, kind, status in (
        (picture(), "image/gif", 415),
        (picture(), "application/json", 415),
        (b"", JPEG, 422),
        (gif, JPEG, 422),
        (picture(), PNG, 422),
        (picture()[:-20], JPEG, 422),
        (picture() + b"<script>", JPEG, 422),
        (tiny, JPEG, 422),
    ):
        refused = admin.upload(photo, data, kind)
        assert refused.status_code == status, (data[:9], kind)
        assert refused.mimetype == "application/problem+json"
        assert ("photo" in refused.json.get("fields", {})) == (status == 422)
    assert admin.get(url).json == before


def test_a_photo_may_have_two_megabytes_and_no_more(office: Office, url: str):
    admin, photo = office[Role.ADMIN], f"{url}/photo"
    assert sizes.LARGEST_BODY < pictures.LARGEST
    file = io.BytesIO()
    noise = Image.effect_noise((1300, 1300), 90)
    noise.convert("RGB").save(file, "JPEG", quality=95)
    large = file.getvalue()
    assert sizes.LARGEST_BODY < len(large) <= pictures.LARGEST
    assert admin.upload(photo, large, JPEG).status_code == 200
    over = admin.upload(photo, large + bytes(pictures.LARGEST), JPEG)
    assert over.status_code == 413
    assert admin.get(photo).status_code == 200


def test_only_who_manages_badges_sets_a_photo(office: Office, url: str):
    photo = f"{url}/photo"
    for role in set(Role) - {Role.ADMIN}:
        client = office[role]
        assert client.upload(photo, picture(), JPEG).status_code == 403
        assert client.upload(photo, b"GIF89a", JPEG).status_code == 403
        assert client.delete(photo).status_code == 403
    nobody = office.world.client_as(None)
    assert nobody.upload(photo, picture(), JPEG).status_code == 401
    assert nobody.get(photo).status_code == 401
    assert office[Role.COLLECTOR].get(photo).status_code == 403


def test_nothing_is_decoded_for_who_may_not_change_it(
    office: Office, url: str, monkeypatch: pytest.MonkeyPatch
):
    decoded = []
    clean = pictures.clean

    def counted(data: bytes, *, kind: str) -> bytes:
        decoded.append(kind)
        return clean(data, kind=kind)

    monkeypatch.setattr(pictures, "clean", counted)
    admin = office[Role.ADMIN]
    nowhere = "/v1/badges/00000000-0000-7000-8000-000000000000/photo"
    assert admin.upload(nowhere, picture(), JPEG).status_code == 404
    auditor = office[Role.AUDITOR]
    assert auditor.upload(f"{url}/photo", picture(), JPEG).status_code == 403
    stale = admin.upload(f"{url}/photo", picture(), JPEG, **{"If-Match": '"old"'})
    assert stale.status_code == 412
    assert decoded == []
    admin.upload(f"{url}/photo", picture(), JPEG)
    assert decoded == [JPEG]


def test_a_busy_decoder_says_when_to_come_back(
    office: Office, url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pictures, "PATIENCE_S", 0.01)
    with pictures._desk:
        busy = office[Role.ADMIN].upload(f"{url}/photo", picture(), JPEG)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")


def test_a_revoked_badge_has_no_photo(office: Office, url: str):
    admin, photo = office[Role.ADMIN], f"{url}/photo"
    admin.upload(photo, picture(), JPEG)
    gone = admin.post(f"{url}/revocation", WHY)
    assert (gone.json["state"], gone.json["photo_id"]) == ("revoked", None)
    assert admin.get(photo).status_code == 404
    assert admin.upload(photo, picture(), JPEG).status_code == 409
