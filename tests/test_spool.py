"""Temporary data: private, bounded, gone at the end, and gone after a crash."""

from __future__ import annotations

import contextlib
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from layerscope.errors import WriteError
from layerscope.spool import TEMP_VARIABLE, Spool, spool, temp_folder

# A run that keeps a blob, says so, and waits; at a line on its input it reads the blob back.
RUN = """
import sys
from layerscope.spool import spool
with spool() as keeper:
    with keeper.begin("blob") as file:
        file.write(b"x" * 1000)
    print("kept", flush=True)
    sys.stdin.readline()
    with keeper.open("blob") as file:
        print(len(file.read()), flush=True)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "temp"))
    return tmp_path / "temp"


def keep(keeper: Spool, name: str, content: bytes) -> None:
    """Keep a blob."""
    with keeper.begin(name) as file:
        file.write(content)


def keep_and_fail(error: type[BaseException]) -> None:
    """A run that ends with an error."""
    with spool() as keeper:
        keep(keeper, "blob", b"content")
        raise error


def kept(keeper: Spool, name: str) -> bytes:
    """A blob that was kept."""
    with keeper.open(name) as file:
        return file.read()


def files_below(folder: Path) -> list[Path]:
    """All files, however deep."""
    return [path for path in folder.rglob("*") if path.is_file()]


@contextmanager
def another_run() -> Iterator[subprocess.Popen[str]]:
    """A process that has kept a blob."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("name", ["blobs/sha256/abc", "../../outside", "/etc/outside", "a\0b", "n" * 5000])
def test_a_blob_of_any_name_is_read_back_and_stays_inside(name: str, place: Path) -> None:
    with spool() as keeper:
        keep(keeper, name, b"content")

        assert kept(keeper, name) == b"content"
        assert [path.read_bytes() for path in files_below(place.parent) if path.stat().st_size] == [
            b"content"
        ]
        assert all(place in path.parents for path in files_below(place.parent))


def test_nobody_else_may_look_inside(place: Path) -> None:
    with spool() as keeper:
        keep(keeper, "blob", b"secret")

        folders = [place, *(path for path in place.iterdir() if path.is_dir())]
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]


def test_nothing_is_left_at_the_end(place: Path) -> None:
    with spool() as keeper:
        keep(keeper, "blob", b"content")

    assert list(place.iterdir()) == []


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_nothing_is_left_after_an_error(error: type[BaseException], place: Path) -> None:
    with pytest.raises(error):
        keep_and_fail(error)

    assert list(place.iterdir()) == []


def test_what_keeps_nothing_makes_nothing(place: Path) -> None:
    with spool():
        pass

    assert not place.exists()


def test_a_blob_that_was_not_written_to_its_end_is_not_kept(place: Path) -> None:
    with spool() as keeper:
        with contextlib.suppress(RuntimeError), keeper.begin("blob") as file:
            file.write(b"half")
            raise RuntimeError

        with pytest.raises(KeyError):
            keeper.open("blob")
        assert keeper.used_bytes == 0
        assert all(path.stat().st_size == 0 for path in files_below(place))


def test_the_last_blob_of_a_name_counts_and_the_first_makes_room() -> None:
    with spool(max_bytes=25) as keeper:
        keep(keeper, "blob", b"1" * 10)
        keep(keeper, "blob", b"2" * 11)

        assert kept(keeper, "blob") == b"2" * 11
        assert keeper.used_bytes == 11


def test_what_is_dropped_makes_room() -> None:
    with spool(max_bytes=10) as keeper:
        keep(keeper, "one", b"1" * 10)
        keeper.drop("one")

        keep(keeper, "two", b"2" * 10)

        assert kept(keeper, "two") == b"2" * 10
        with pytest.raises(KeyError):
            keeper.open("one")


def test_the_bound_is_for_all_blobs_together() -> None:
    with spool(max_bytes=10) as keeper:
        keep(keeper, "one", b"123456")

        with pytest.raises(WriteError) as caught:
            keep(keeper, "two", b"12345")

        assert caught.value.exit_code == 5
        assert "more than 10 bytes" in caught.value.message
        assert TEMP_VARIABLE in (caught.value.hint or "")
        assert keeper.used_bytes == 6


def test_a_part_of_the_disk_is_left_free(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reserve is made as large as the disk."""
    monkeypatch.setattr("layerscope.spool._RESERVE_BYTES", 1 << 80)
    monkeypatch.setattr("layerscope.spool._RESERVE_SHARE", 1)

    with spool() as keeper, pytest.raises(WriteError, match="nearly full"):
        keep(keeper, "blob", b"x")


def test_a_full_disk_is_an_error_with_a_hint(place: Path) -> None:
    """A bound that is larger than the disk, so that it is the disk that says no."""
    place.mkdir()
    with small_disk(place), spool(max_bytes=1 << 40) as keeper:
        with pytest.raises(WriteError) as caught:
            keep(keeper, "blob", bytes(2 << 20))

        assert "the disk is full" in caught.value.message
        assert "make room" in (caught.value.hint or "")
        with pytest.raises(KeyError):
            keeper.open("blob")


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """A filesystem of a megabyte at this place."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no filesystem can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_place_that_cannot_be_is_an_error_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(TEMP_VARIABLE, str(tmp_path / "file" / "below"))

    with spool() as keeper, pytest.raises(WriteError) as caught:
        keeper.begin("blob")

    assert str(tmp_path / "file" / "below") in caught.value.message
    assert TEMP_VARIABLE in (caught.value.hint or "")


def test_without_the_variable_it_is_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TEMP_VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    assert tmp_path in temp_folder().parents
    assert "layerscope" in temp_folder().parts


def test_many_threads_keep_blobs_side_by_side() -> None:
    contents = {f"blob {number}": bytes([number]) * 50_000 for number in range(16)}
    barrier = threading.Barrier(len(contents))

    def work(keeper: Spool, name: str) -> None:
        barrier.wait()
        with keeper.begin(name) as file:
            for start in range(0, 50_000, 1000):
                file.write(contents[name][start : start + 1000])

    with spool() as keeper:
        threads = [threading.Thread(target=work, args=(keeper, name)) for name in contents]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert {name: kept(keeper, name) for name in contents} == contents
        assert keeper.used_bytes == 16 * 50_000


def test_a_thread_that_comes_too_late_leaves_nothing(place: Path) -> None:
    with spool() as keeper:
        keep(keeper, "blob", b"content")

    with pytest.raises(WriteError):
        keeper.begin("late")
    assert list(place.iterdir()) == []


def test_the_next_run_removes_what_a_killed_one_left(place: Path) -> None:
    with another_run() as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = sorted(path.stat().st_size for path in files_below(place))

        with spool() as keeper:
            keep(keeper, "blob", b"own")
            found = [path.read_bytes() for path in files_below(place) if path.stat().st_size]

    assert left == [0, 1000]  # the lock and the blob
    assert found == [b"own"]


def test_a_living_run_keeps_its_data_while_others_come_and_go(place: Path) -> None:
    with another_run() as process:
        for _ in range(3):
            with spool() as keeper:
                keep(keeper, "blob", b"own")

        answer, _ = process.communicate("go on\n", timeout=30)

    assert answer == "1000\n"
    assert list(place.iterdir()) == []


def test_ctrl_c_removes_everything(place: Path) -> None:
    with another_run() as process:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)

    assert process.returncode != 0
    assert list(place.iterdir()) == []


def test_what_is_not_ours_is_left_alone(place: Path, tmp_path: Path) -> None:
    """A link with the name of a run, and things of other programs in a folder that is shared."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious").touch()
    place.mkdir()
    (place / "layerscope-run-link").symlink_to(other)
    (place / "precious").touch()

    with spool() as keeper:
        keep(keeper, "blob", b"content")

    assert sorted(path.name for path in place.iterdir()) == ["layerscope-run-link", "precious"]
    assert [path.name for path in other.iterdir()] == ["precious"]
