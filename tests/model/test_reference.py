"""Names of images, read as Docker reads them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerscope.errors import UsageError
from layerscope.model.digest import Digest
from layerscope.model.reference import ImageName, may_be_id, parse_image_name

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"

# text → host, repository, tag, digest
NAMES: dict[str, tuple[str, str, str | None, str | None]] = {
    "python": ("docker.io", "library/python", "latest", None),
    "python:3": ("docker.io", "library/python", "3", None),
    "team/app": ("docker.io", "team/app", "latest", None),
    "docker.io/python": ("docker.io", "library/python", "latest", None),
    "docker.io/team/app:1": ("docker.io", "team/app", "1", None),
    "index.docker.io/python": ("docker.io", "library/python", "latest", None),
    "localhost/app": ("localhost", "app", "latest", None),
    "localhost": ("docker.io", "library/localhost", "latest", None),
    "localhost:5000": ("docker.io", "library/localhost", "5000", None),
    "localhost:5000/app": ("localhost:5000", "app", "latest", None),
    "127.0.0.1:5000/a/b:c": ("127.0.0.1:5000", "a/b", "c", None),
    "[::1]:5000/app": ("[::1]:5000", "app", "latest", None),
    "[2001:db8::1]/app": ("[2001:db8::1]", "app", "latest", None),
    "ghcr.io/team/sub/app:v1.2": ("ghcr.io", "team/sub/app", "v1.2", None),
    "GHCR/app": ("GHCR", "app", "latest", None),
    "Host.Example/app": ("Host.Example", "app", "latest", None),
    "a--b/c__d/e_f.g": ("docker.io", "a--b/c__d/e_f.g", "latest", None),
    "xn--n3h.com/app": ("xn--n3h.com", "app", "latest", None),
    f"app@{DIGEST}": ("docker.io", "library/app", None, DIGEST),
    f"ghcr.io/app@{DIGEST}": ("ghcr.io", "app", None, DIGEST),
    f"app@sha512:{HEX}{HEX}": ("docker.io", "library/app", None, f"sha512:{HEX}{HEX}"),
    f"ghcr.io/{HEX}": ("ghcr.io", HEX, "latest", None),
    f"{HEX}:1": ("docker.io", f"library/{HEX}", "1", None),
    f"app:{'t' * 128}": ("docker.io", "library/app", "t" * 128, None),
    "app:_x": ("docker.io", "library/app", "_x", None),
}
BAD = [
    *("", ":", "/", "@", ":tag", "app:", "app@", "/app", "app/", "a//b", "App", "team/App", "ap p"),
    *("app:-x", "app:.x", "app:a/b", "a___b", "a..b", "-a", "a-", "_a", "a_", ".a", "a.", "a._b"),
    *("host.example/", "-host.example/app", "host-.example/app", "a..b.example/app", "host.example:/app"),
    *("host.example:port/app", "[::1/app", "[::g]/app", "::1/app", "a_b.example/app", "é.example/app", "é"),
    *(HEX, f"app@sha256:{HEX[1:]}", f"app@sha256:{HEX.upper()}", f"app@md5:{HEX[:32]}", "app@sha256:"),
    *(f"app@{DIGEST}:1", f"app@{DIGEST}@{DIGEST}", f"app:{'t' * 129}", "https://host.example/app", "app\n"),
]
# Where Debian's skopeo is older than the grammar, and where the grammar takes a name without any host.
ODD = {"[::1]:5000/app", "[2001:db8::1]/app", "GHCR/app", "a_b.example/app"}
TAG_AND_DIGEST = f"ghcr.io/app:1@{DIGEST}"


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_read_as_docker_reads_it(text: str) -> None:
    name = parse_image_name(text)

    assert (name.host, name.repository, name.tag, name.digest) == NAMES[text]


def test_a_tag_beside_a_digest_is_kept() -> None:
    name = parse_image_name(TAG_AND_DIGEST)

    assert (name.tag, name.digest) == ("1", DIGEST)


@pytest.mark.parametrize("text", BAD)
def test_what_docker_refuses_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not an image name"):
        parse_image_name(text)


def test_only_the_path_is_bounded_in_length() -> None:
    """Docker's parser counts the path without the host."""
    longest = "a" * 255

    assert parse_image_name(f"host.example/{longest}").repository == longest
    with pytest.raises(UsageError, match="at most 255"):
        parse_image_name(f"host.example/{longest}a")


def test_capital_letters_are_named_as_what_is_wrong() -> None:
    with pytest.raises(UsageError, match="lower case"):
        parse_image_name("ghcr.io/Team/App")


@pytest.mark.parametrize("text", [text for text in [*NAMES, *BAD] if text and text not in ODD])
def test_skopeo_agrees_on_what_is_a_name(text: str, tool: Callable[[str], str]) -> None:
    """Skopeo has Docker's own parser; it reads both names before it opens the first."""
    done = subprocess.run(
        [tool("skopeo"), "--insecure-policy", "copy", "dir:/nonexistent", f"docker://{text}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    refused = "Invalid destination name" in done.stderr

    assert refused == (text in BAD), done.stderr


@pytest.mark.parametrize(
    ("text", "familiar"),
    [
        ("docker.io/library/python", "python:latest"),
        ("docker.io/team/app:1", "team/app:1"),
        ("ghcr.io/team/app:1", "ghcr.io/team/app:1"),
        ("docker.io/library/team/app", "library/team/app:latest"),
        ("docker.io/my.team/app", "docker.io/my.team/app:latest"),
        ("docker.io/localhost/app", "docker.io/localhost/app:latest"),
        (f"docker.io/library/python@{DIGEST}", f"python@{DIGEST}"),
    ],
)
def test_the_familiar_name_leaves_out_only_what_is_understood(text: str, familiar: str) -> None:
    assert parse_image_name(text).familiar == familiar


COMPONENTS = st.from_regex(r"[a-z0-9]{1,3}(?:(?:[._]|__|-{1,2})[a-z0-9]{1,3}){0,2}", fullmatch=True)
HOSTS = st.sampled_from(
    ["docker.io", "ghcr.io", "localhost", "localhost:5000", "[::1]:80", "10.0.0.1", "HOST", "a-b.c:1"]
)
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}", fullmatch=True)
DIGESTS = st.sampled_from([Digest(DIGEST), Digest(f"sha512:{HEX}{HEX}")])


@st.composite
def image_names(draw: st.DrawFn) -> ImageName:
    """Any name that there can be."""
    host = draw(HOSTS)
    path = draw(st.lists(COMPONENTS, min_size=2 if host == "docker.io" else 1, max_size=4))
    digest = draw(st.none() | DIGESTS)
    tag = draw(TAGS if digest is None else st.none() | TAGS)
    return ImageName(host=host, repository="/".join(path), tag=tag, digest=digest)


@given(image_names())
def test_a_name_that_is_written_reads_as_the_same(name: ImageName) -> None:
    assert parse_image_name(str(name)) == name


@given(image_names())
def test_so_does_a_familiar_name(name: ImageName) -> None:
    assert parse_image_name(name.familiar) == name
    assert len(name.familiar) <= len(str(name))


@given(st.text(alphabet="ab0:/@._-[]A\u00e9 ", max_size=20))
def test_any_text_is_a_name_or_wrong_usage(text: str) -> None:
    try:
        name = parse_image_name(text)
    except UsageError:
        return

    assert parse_image_name(str(name)) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [("abcd", True), (HEX, True), (DIGEST, True), ("abc", False), ("ABCD", False), ("abcd:1", False)],
)
def test_what_may_be_an_id(text: str, expected: bool) -> None:  # noqa: FBT001
    assert may_be_id(text) == expected
