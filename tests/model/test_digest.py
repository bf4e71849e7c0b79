"""Digests and chain IDs."""

from __future__ import annotations

import hashlib

import pytest

from layerscope.model.digest import DiffID, chain_ids, is_digest


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("sha256:" + "0a" * 32, True),
        ("sha512:" + "0a" * 64, True),
        ("sha384:" + "0a" * 48, True),
        ("sha256:" + "0A" * 32, False),
        ("sha256:" + "0a" * 31, False),
        ("md5:" + "0a" * 16, False),
        ("0a" * 32, False),
        ("sha256:", False),
        ("sha256:" + "0a" * 32 + "\n", False),
        ("", False),
    ],
)
def test_a_digest_is_an_algorithm_and_its_number_of_digits(text: str, *, valid: bool) -> None:
    assert is_digest(text) is valid


def test_a_chain_id_is_the_hash_of_the_one_below_and_the_diff_id() -> None:
    """Image-spec, config.md, "Layer ChainID"."""
    first, second, third = (f"sha256:{number:064x}" for number in range(3))

    found = chain_ids((DiffID(first), DiffID(second), DiffID(third)))

    upper = f"sha256:{hashlib.sha256(f'{first} {second}'.encode()).hexdigest()}"
    assert tuple(map(str, found)) == (
        first,
        upper,
        f"sha256:{hashlib.sha256(f'{upper} {third}'.encode()).hexdigest()}",
    )
    assert chain_ids(()) == ()
