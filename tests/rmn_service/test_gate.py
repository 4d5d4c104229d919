"""The API's outside: how often one may ask, what every answer wears, where it listens, TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from rmn_service.bootstrap import build_node
from rmn_service.config import load_config
from rmn_service.errors import ConfigError
from rmn_service.rate_limit import RateLimit
from tests.rmn_service.conftest import write_config

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.rmn_service.conftest import NodeUnderTest, ScriptedCcip


@given(
    st.lists(st.floats(0, 10, allow_nan=False), max_size=60),
    st.floats(0.1, 5),
    st.floats(1, 10),
)
def test_nobody_gets_more_than_the_burst_and_the_rate(gaps: list[float], per_s: float, burst: float) -> None:
    limit, now_s, taken = RateLimit(per_s, burst), 0.0, 0
    for gap in gaps:
        now_s += gap
        taken += limit.take("one", now_s) == 0
    assert taken <= burst + per_s * now_s + 1e-6
    assert limit.take("other", now_s) == 0


def test_who_waits_as_long_as_told_is_let_in() -> None:
    limit = RateLimit(0.5, 1)
    assert limit.take("one", 0.0) == 0
    wait_s = limit.take("one", 0.0)
    assert limit.take("one", wait_s - 0.01) > 0
    assert limit.take("one", wait_s + 0.01) == 0


def test_who_asks_too_often_is_told_when_to_come_again(start_node: Callable[..., NodeUnderTest]) -> None:
    node = start_node(api="requests_per_s = 0.001")  # a burst is five times as many: none
    answer = node.http.get("/status")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "too many requests" in answer.json()["error"]


def test_every_answer_wears_its_headers(node: NodeUnderTest) -> None:
    answers = [
        node.http.get("/status"),
        node.http.get("/nothing"),
        node.http.get("/metrics"),
        node.http.get("/openapi.json"),
        node.http.post("/posture", json={}),
        node.http.post("/blessings", content=b" " * 70_000),
    ]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


class TestWhereItListens:
    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "rmn.example"])
    def test_beyond_this_machine_only_with_tls(self, ccip: ScriptedCcip, host: str) -> None:
        with pytest.raises(ConfigError, match=r"api.*tokens would travel in the clear"):
            load_config(write_config(ccip.folder, api=f'host = "{host}"'))
        load_config(write_config(ccip.folder, api=f'host = "{host}"\nbehind_proxy = true'))
        load_config(write_config(ccip.folder, api=f'host = "{host}"\ntls_cert = "c"\ntls_key = "k"'))

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.9.9.9"])
    def test_on_this_machine_without(self, ccip: ScriptedCcip, host: str) -> None:
        assert load_config(write_config(ccip.folder, api=f'host = "{host}"')).api.is_loopback

    def test_half_of_tls_is_refused(self, ccip: ScriptedCcip) -> None:
        with pytest.raises(ConfigError, match="together"):
            load_config(write_config(ccip.folder, api='tls_cert = "cert.pem"'))


class TestTls:
    def test_the_api_speaks_https_alone(self, ccip: ScriptedCcip, node: NodeUnderTest) -> None:
        node.stop()
        write_certificate(ccip.folder)
        config = load_config(write_config(ccip.folder, api='tls_cert = "cert.pem"\ntls_key = "key.pem"'))
        served = build_node(config, rpcs=ccip.rpcs, clock=lambda: ccip.now_ms, notifier=node.heard).start()
        try:
            assert served.url.startswith("https://")
            trusted = ssl.create_default_context(cafile=str(ccip.folder / "cert.pem"))
            answer = httpx.get(f"{served.url}/status", verify=trusted)
            assert answer.status_code == 200
            assert "max-age" in answer.headers["Strict-Transport-Security"]
            assert "server" not in answer.headers
            with pytest.raises(httpx.RemoteProtocolError):
                httpx.get(served.url.replace("https", "http") + "/status")
        finally:
            served.stop()

    @pytest.mark.parametrize("cert", ["missing.pem", "node.toml"])
    def test_what_is_no_certificate_is_one_line(self, ccip: ScriptedCcip, node: NodeUnderTest, cert: str) -> None:
        node.stop()
        config = load_config(write_config(ccip.folder, api=f'tls_cert = "{cert}"\ntls_key = "{cert}"'))
        with pytest.raises(ConfigError, match=f"api.tls_cert = {cert}"):
            build_node(config, rpcs=ccip.rpcs, clock=lambda: ccip.now_ms, notifier=node.heard).start()

    def test_who_asks_is_not_believed_without_a_proxy(self, ccip: ScriptedCcip, node: NodeUnderTest) -> None:
        """Else a guesser would be a new client with every X-Forwarded-For."""
        node.stop()
        config = load_config(write_config(ccip.folder, api="requests_per_s = 1"))
        served = build_node(config, rpcs=ccip.rpcs, clock=lambda: ccip.now_ms, notifier=node.heard).start()
        try:
            codes = {
                httpx.get(f"{served.url}/chains", headers={"X-Forwarded-For": f"10.0.0.{i}"}).status_code
                for i in range(20)
            }
        finally:
            served.stop()
        assert 429 in codes


def write_certificate(folder: Path) -> None:
    """A certificate of 127.0.0.1, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "rmn test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)
