"""TLS towards the labs, with and without certificates of their own, and towards the portal."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from infra.mllp.__main__ import tls_of
from tests.mllp.fake_portal import fake_portal
from tests.mllp.listening import Running, listening
from tests.mllp.senders import Sender, a_message


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key in one file, its own authority: for the listener and for a lab."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Invented")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))
    return file


def lab_over_tls(listener: Running, authority: Path, own: Path | None = None) -> Sender:
    context = ssl.create_default_context(cafile=authority)
    if own:
        context.load_cert_chain(own)
    plain = listener.sender().socket
    return Sender(listener.address, context.wrap_socket(plain, server_hostname="127.0.0.1"))


def test_a_message_over_tls_is_answered_over_tls(certificate: Path) -> None:
    tls = tls_of(certificate, None, None)
    with (
        fake_portal() as portal,
        listening(portal.url, tls=tls) as listener,
        lab_over_tls(listener, certificate) as lab,
    ):
        lab.send(a_message("1"))

        assert lab.msa() == ["AA", "1"]


def test_a_message_over_the_limit_is_rejected_over_tls_too(certificate: Path) -> None:
    tls = tls_of(certificate, None, None)
    with (
        fake_portal() as portal,
        listening(portal.url, tls=tls, message_bytes=50_000, linger_seconds=0.1) as listener,
        lab_over_tls(listener, certificate) as lab,
    ):
        lab.send(a_message("1", note="x" * 200_000))

        assert lab.msa() == ["AR", "1"]


def test_a_lab_with_its_certificate_is_let_in(certificate: Path) -> None:
    tls = tls_of(certificate, certificate, client_ca=certificate)
    with (
        fake_portal() as portal,
        listening(portal.url, tls=tls) as listener,
        lab_over_tls(listener, certificate, own=certificate) as lab,
    ):
        lab.send(a_message("1"))

        assert lab.msa() == ["AA", "1"]


def test_a_lab_without_a_certificate_is_not_let_in(certificate: Path) -> None:
    tls = tls_of(certificate, None, client_ca=certificate)
    with (
        fake_portal() as portal,
        listening(portal.url, tls=tls) as listener,
        lab_over_tls(listener, certificate) as lab,
    ):
        with pytest.raises(OSError, match=r"required|reset|closed|Broken pipe"):
            exchanged(lab)
        assert portal.requests == []


def exchanged(lab: Sender) -> None:
    """In TLS 1.3 the refusal is seen only after the first bytes were sent."""
    lab.send(a_message("1"))
    if not lab.socket.recv(1):
        raise OSError("closed")


def test_nobody_speaks_plainly_to_a_listener_with_tls(certificate: Path) -> None:
    tls = tls_of(certificate, None, None)
    with (
        fake_portal() as portal,
        listening(portal.url, tls=tls) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))

        assert lab.is_closed_without_an_answer()
        assert portal.requests == []


def test_messages_go_to_the_portal_over_tls(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with (
        fake_portal(tls=tls_of(certificate, None, None)) as portal,
        listening(portal.url) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"), a_message("2", note="x" * 1_000_000))

        assert [lab.msa(), lab.msa()] == [["AA", "1"], ["AA", "2"]]


def test_nothing_goes_to_a_portal_whose_certificate_is_unknown(certificate: Path) -> None:
    with (
        fake_portal(tls=tls_of(certificate, None, None)) as portal,
        listening(portal.url, patience=0) as listener,
        listener.sender() as lab,
    ):
        lab.send(a_message("1"))

        assert lab.is_closed_without_an_answer()
        assert portal.requests == []
        assert listener.events("no-answer")[0]["why"] == "SSLCertVerificationError"
