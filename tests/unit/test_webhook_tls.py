"""A webhook by https: its certificate is held against the name that was set."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from contact.webhooks.line import Line, Reply, Silence
from tests.support.receiver import Receiver

BODY = b'{"data": {}}'


def certificate(folder: Path, host: str) -> Path:
    """Key and certificate of a host that signs for itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    pem = serialization.Encoding.PEM
    as_pkcs8 = serialization.PrivateFormat.PKCS8
    plain = serialization.NoEncryption()
    file.write_bytes(key.private_bytes(pem, as_pkcs8, plain) + made.public_bytes(pem))
    return file


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


def sent(receiver: Receiver, shown: Path) -> Reply:
    """What an event at ``https://localhost`` comes to, with that certificate there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    server = receiver.server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with Line(f"https://localhost:{server.server_port}/in", anywhere=True) as line:
        return line.post(BODY, {})


def test_a_certificate_that_is_trusted_and_names_the_host_is_good(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shown = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    assert sent(receiver, shown) == Reply(204, "HTTP 204")
    assert receiver.bodies == [BODY]


def test_a_trusted_certificate_of_another_host_gets_nothing(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shown = certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(shown))
    assert sent(receiver, shown) == Reply(None, "certificate")
    assert receiver.bodies == []


def test_a_certificate_that_nobody_vouches_for_gets_nothing(
    receiver: Receiver, tmp_path: Path
):
    shown = certificate(tmp_path, "localhost")
    assert sent(receiver, shown) == Reply(None, "certificate")
    assert receiver.bodies == []


def test_plain_http_where_tls_was_wanted_is_no_matter_of_certificates(
    receiver: Receiver,
):
    url = f"https://localhost:{receiver.server.server_port}/in"
    with Line(url, anywhere=True) as line:
        assert line.post(BODY, {}) == Reply(None, "tls")


def test_nobody_at_the_port_and_no_such_name_have_words_of_their_own(
    receiver: Receiver,
):
    port = receiver.server.server_port
    receiver.close()
    for url, word in (
        (f"http://127.0.0.1:{port}/in", "refused"),
        (f"http://{'x' * 64}.invalid/in", "name_not_found"),
        ("http://nobody.invalid/in", "name_not_found"),
    ):
        with Line(url, anywhere=True) as line:
            assert line.post(BODY, {}) == Reply(None, word)


def test_every_word_for_a_missing_answer_is_explained_to_the_receiver():
    manual = Path(__file__).parents[2] / "docs" / "webhooks.md"
    text = manual.read_text(encoding="utf-8")
    assert [word for word in Silence if f"| `{word}` |" not in text] == []
