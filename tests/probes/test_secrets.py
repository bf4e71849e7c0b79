"""Which files are taken for secrets, and that no fact holds one."""

from __future__ import annotations

import pytest

from layerscope.oci.tar.scanner import scan_tar
from layerscope.probes.secrets import PROBE
from tests.oci.tar.raw import END, member, pax

PEM = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
AWS = b"AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"


def facts(*members: bytes) -> dict[str, dict[str, str]]:
    """What the probe finds in a layer of these members."""
    found: dict[str, dict[str, str]] = scan_tar(iter([b"".join(members) + END]), [PROBE]).facts.get(
        "secrets", {}
    )
    return found


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("root/.ssh/id_rsa", PEM, "private key"),
        ("srv/deploy", PEM, "private key"),
        ("srv/a.pem", b"-----BEGIN CERTIFICATE-----\n" + PEM, "private key"),
        ("srv/x", b"-----BEGIN RSA PRIVATE KEY-----\n", "private key"),
        ("srv/x", b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n", "private key"),
        ("app/.env", AWS, "AWS access key"),
        ("app/prod.env", b"export DB_PASSWORD='hunter2x'\n", "password"),
        ("root/.aws/credentials", b"[default]\naws_secret_access_key = abcdefghij\n", "password"),
        ("root/.npmrc", b"//registry.example.com/:_authToken=abcdefgh-1234\n", "npm token"),
        ("root/.netrc", b"machine example.com login me password abcdefgh\n", "password"),
        ("root/.docker/config.json", b'{"auths": {"x": {"auth": "bWU6cGFzcw=="}}}', "registry password"),
        ("root/.git-credentials", b"https://me:pass@example.com\n", "password"),
        ("infra/terraform.tfstate", b'{"password": "abcdefgh"}', "password"),
        ("app/.env", b"DEBUG=1\n", "environment file"),
    ],
)
def test_a_secret_is_told_by_its_name_and_its_beginning(path: str, content: bytes, kind: str) -> None:
    found = facts(member(path.encode(), content))

    assert found[path]["kind"] == kind


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("srv/a.pem", b"-----BEGIN CERTIFICATE-----\n"),
        ("srv/x", b"-----BEGIN PUBLIC KEY-----\n"),
        ("srv/a.key", b"password = hunter2x\n"),
        ("srv/x", b"-----BEGIN CERTIFICATE-----\npassword: hunter2x\n"),
        ("root/.ssh/id_rsa.pub", b"ssh-rsa AAAA me@here\n"),
        ("root/.npmrc", b"//registry.example.com/:_authToken=${NPM_TOKEN}\n"),
        ("root/.npmrc", b"registry=https://registry.example.com\n"),
        ("root/.docker/config.json", b'{"credsStore": "desktop"}'),
        ("app/main.py", b"password = 'hunter2x'\n" + AWS),
        ("app/.env.example", b"DB_PASSWORD=changeme1\n"),
        ("app/.env", b""),
        ("app/settings.env", b"DB_PASSWORD=${DB_PASSWORD}\nDB_PASSWORD=\n"),
        ("app/environment", AWS),
    ],
)
def test_what_only_looks_like_one(path: str, content: bytes) -> None:
    assert facts(member(path.encode(), content)) == {}


def test_no_fact_holds_the_secret() -> None:
    found = facts(member(b"app/.env", AWS + b"DB_PASSWORD=hunter2x\n"), member(b"k", PEM))

    assert set(found) == {"app/.env", "k"}
    assert all(secret not in repr(found) for secret in ("AKIA", "hunter2x", "b3Blbn"))


@pytest.mark.parametrize("cut", [1, 512, 700, 1024, 1536, 2048, 2100])
def test_it_does_not_matter_where_the_stream_is_cut_or_how_members_are_written(cut: int) -> None:
    """Ordinary members are read without generality, others with; the first bytes may lie in two blocks."""
    members = [
        member(b"a", b"a" * 700),
        member(b"k1", PEM),
        pax((b"path", b"k2")) + member(b"short", PEM),
        member(b"root/.npmrc", b"_authToken=abcdefgh-1234\n"),
        member(b"z", b"z"),
        member(b"k3", PEM),
    ]
    tar = b"".join(members) + END
    blocks = [tar[start : start + cut] for start in range(0, len(tar), cut)] if cut > 1 else [tar]

    found = scan_tar(iter(blocks), [PROBE])

    assert set(found.facts["secrets"]) == {"k1", "k2", "k3", "root/.npmrc"}
    assert found.entries == scan_tar(iter([tar])).entries


def test_only_the_first_kilobyte_is_kept() -> None:
    sink = PROBE.begin("app/.env", 1 << 40)
    for _ in range(1000):
        sink.feed(memoryview(b"\n" * 10_000))
    sink.feed(memoryview(AWS))

    assert sink.finish() is None
