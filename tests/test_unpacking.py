"""A compressed layer is unpacked once, as far as it is wanted, within a quota, and put away."""

from __future__ import annotations

import gzip
import io
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from layerscope.content import Cancelled, Content
from layerscope.content.temporary import Temporary
from layerscope.errors import ImageError
from layerscope.extensions import Stored
from layerscope.model.changeset import Changeset
from layerscope.model.entry import Entry, Kind
from layerscope.model.image import Layer
from layerscope.oci.opened import OpenedBlobs
from tests.oci.build import as_folder, built, layout, open_folder
from tests.oci.build import changesets as changesets_of
from tests.oci.tar.raw import member
from tests.sources.images import layer


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary data."""
    folder = tmp_path / "temporary"
    monkeypatch.setenv("LAYERSCOPE_TEMP", str(folder))
    return folder


@pytest.fixture(autouse=True)
def _ours(temporary: Path) -> None:
    """Every test has its own."""


def kept_bytes(folder: Path) -> int:
    """What the files below a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class Watched:
    """An opened image that counts how often a blob is opened, and can hold its bytes back."""

    def __init__(self, opened_image: OpenedBlobs) -> None:
        self._opened = opened_image
        self.image = opened_image.image
        self.streams = 1
        self.opened: list[int] = []
        self.closed = 0
        self.hold_after: int | None = None
        self.released = threading.Event()
        self.instead: bytes | None = None
        self.change: Callable[[bytes], bytes] = lambda taken: taken

    def job(self, layer: Layer) -> None:
        """Nothing lies in a file."""

    def read_layer(self, layer: Layer) -> Changeset:
        """One pass."""
        return self._opened.read_layer(layer)

    def open_layer(self, layer: Layer) -> Stored:
        """The blob, watched."""
        self.opened.append(layer.number)
        stored = self._opened.open_layer(layer) if self.instead is None else io.BytesIO(self.instead)
        return _Held(self, stored)


class _Held:
    def __init__(self, watched: Watched, stored: Stored) -> None:
        self._watched = watched
        self._stored = stored
        self._taken = 0

    def read(self, count: int = -1, /) -> bytes:
        """The next bytes; waits where they are held back."""
        watched = self._watched
        if watched.hold_after is not None and self._taken >= watched.hold_after:
            assert watched.released.wait(30)
        taken = self._stored.read(count)
        self._taken += len(taken)
        return watched.change(taken)

    def close(self) -> None:
        """Note it."""
        self._watched.closed += 1
        self._stored.close()


class Told:
    """Progress that is written down."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, int | None]] = []
        self.advanced: dict[str, int] = {}
        self.ended: list[str] = []

    def expect(self, total_bytes: int) -> None:
        """Nothing."""

    def begin(self, part: str, total_bytes: int | None) -> None:
        """Note it."""
        self.begun.append((part, total_bytes))

    def advance(self, part: str, count: int) -> None:
        """Note it."""
        self.advanced[part] = self.advanced.get(part, 0) + count

    def end(self, part: str) -> None:
        """Note it."""
        self.ended.append(part)


FILES = [random.Random(number).randbytes(2_500_000) for number in range(8)]
LAYERS = tuple(
    layer(
        member(b"%d/a" % number, FILES[2 * number]),
        member(b"%d/z" % number, FILES[2 * number + 1]),
    )
    for number in range(4)
)


class Bench:
    """Contents of four compressed layers with two files each."""

    def __init__(self, folder: Path, quota_bytes: int, told: Told | None) -> None:
        image = built(*LAYERS)
        files = layout(image, stored=[gzip.compress(tar, 1) for tar in image.layers])
        image_opened = open_folder(as_folder(files, folder / "layout"))
        self.watched = Watched(image_opened)
        self.changesets = changesets_of(image_opened)
        self.temporary = Temporary()
        self.content = Content(self.watched, self.changesets, self.temporary, told, quota_bytes=quota_bytes)

    def entry(self, number: int, last: int) -> Entry:
        """The first or the last file of a layer."""
        return self.changesets[number].entries[last]

    def read(self, number: int, last: int) -> bytes:
        """Its content."""
        with closing(self.content.open((number, self.entry(number, last)))) as stream:
            return stream.read()

    def close(self) -> None:
        """Close everything."""
        self.watched.released.set()
        self.content.close()
        self.temporary.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """A function that makes one."""
    made: list[Bench] = []

    def make(quota_bytes: int = 1 << 30, told: Told | None = None) -> Bench:
        made.append(Bench(tmp_path / str(len(made)), quota_bytes, told))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_layer_is_unpacked_once_whatever_is_read_of_it(bench: Callable[..., Bench]) -> None:
    one = bench()

    found = [one.read(0, 1), one.read(0, 0), one.read(0, 1)]

    assert found == [FILES[1], FILES[0], FILES[1]]
    assert one.watched.opened == [0]


def test_the_first_file_is_read_before_the_layer_is_unpacked(bench: Callable[..., Bench]) -> None:
    one = bench()
    one.watched.hold_after = 4 << 20

    found = one.read(0, 0)

    assert found == FILES[0]
    assert not one.watched.released.is_set()


def test_waiting_for_what_is_not_unpacked_yet_can_be_cancelled(bench: Callable[..., Bench]) -> None:
    one = bench()
    one.watched.hold_after = 4 << 20
    cancel = threading.Event()
    stream = one.content.open((0, one.entry(0, 1)), cancel=cancel)
    threading.Timer(0.2, cancel.set).start()

    with pytest.raises(Cancelled):
        stream.read()

    one.watched.released.set()
    assert one.read(0, 1) == FILES[1]


def test_layers_are_put_away_where_they_are_more_than_the_quota(bench: Callable[..., Bench]) -> None:
    """Room for two of the four: the least recently used one goes."""
    one = bench(quota_bytes=2 * len(LAYERS[0]) + 1000)

    found = [one.read(number, 1) for number in (0, 1, 0, 2, 0, 1)]

    assert found == [FILES[2 * number + 1] for number in (0, 1, 0, 2, 0, 1)]
    assert one.watched.opened == [0, 1, 2, 1]


def test_a_layer_larger_than_the_quota_is_read_all_the_same(bench: Callable[..., Bench]) -> None:
    one = bench(quota_bytes=1000)

    found = [one.read(number, last) for number in (0, 1) for last in (0, 1)]

    assert found == FILES[:4]
    assert one.watched.opened == [0, 1]


def test_temporary_files_go_with_their_layer_and_all_of_them_at_the_end(
    bench: Callable[..., Bench], temporary: Path
) -> None:
    one = bench(quota_bytes=1000)
    for number in range(4):
        one.read(number, 1)
    during = kept_bytes(temporary)

    one.close()

    assert during <= len(LAYERS[0])
    assert list(temporary.iterdir()) == []


def test_another_layer_that_is_asked_for_stops_what_nobody_waits_for(bench: Callable[..., Bench]) -> None:
    """The first layer is half unpacked, and goes on when it is asked for again."""
    one = bench()
    one.watched.hold_after = 4 << 20
    assert one.read(0, 0) == FILES[0]
    threading.Timer(0.2, one.watched.released.set).start()

    found = [one.read(1, 1), one.read(0, 1)]

    assert found == [FILES[3], FILES[1]]
    assert one.watched.opened == [0, 1]


def test_only_the_layer_asked_for_last_is_unpacked_ahead(
    bench: Callable[..., Bench], temporary: Path
) -> None:
    """Both are half unpacked when their blobs go on."""
    one = bench()
    one.watched.hold_after = 4 << 20
    assert one.read(0, 0) == FILES[0]
    assert one.read(1, 0) == FILES[2]
    one.watched.released.set()

    assert one.read(1, 1) == FILES[3]
    time.sleep(0.3)

    sizes = sorted(
        path.stat().st_size
        for path in temporary.rglob("*")
        if path.is_file() and path.stat().st_size > 1 << 20
    )
    assert len(sizes) == 2
    assert sizes[0] < len(LAYERS[0]) == sizes[1]


def test_what_is_stopped_goes_on_when_it_is_asked_for_again(
    bench: Callable[..., Bench], temporary: Path
) -> None:
    one = bench()
    one.watched.hold_after = 4 << 20
    one.read(0, 0)
    one.content.stop()
    one.watched.released.set()
    time.sleep(0.3)
    unpacked = max(path.stat().st_size for path in temporary.rglob("*") if path.is_file())

    found = one.read(0, 1)

    assert unpacked < len(LAYERS[0])
    assert found == FILES[1]
    assert one.watched.opened == [0]


def test_closing_ends_what_is_being_unpacked(bench: Callable[..., Bench], temporary: Path) -> None:
    one = bench()
    one.watched.hold_after = 4 << 20
    one.read(0, 0)
    threading.Timer(0.2, one.watched.released.set).start()

    one.close()

    assert one.watched.closed == 1
    assert list(temporary.iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        one.read(0, 0)


def test_many_threads_read_many_layers(bench: Callable[..., Bench]) -> None:
    """With room for one layer, so that each takes it away from the others."""
    one = bench(quota_bytes=len(LAYERS[0]) + 1000)
    found: dict[int, bytes] = {}

    def read(number: int) -> None:
        found[number] = one.read(number // 2, number % 2)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [found[number] == FILES[number] for number in range(8)] == [True] * 8


def test_progress_is_told_of_the_layer_that_is_unpacked(bench: Callable[..., Bench]) -> None:
    told = Told()
    one = bench(told=told)

    one.read(0, 1)
    one.content.close()

    blob = one.watched.image.layers[0].blob
    assert told.begun == [(blob, one.changesets[0].compressed_bytes)]
    assert told.ended == [blob]
    assert told.advanced[blob] <= one.changesets[0].compressed_bytes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda taken: bytes(len(taken)) if len(taken) > 8 else taken, "damaged gzip data"),
        (lambda taken: b"" if len(taken) > 8 else taken, "truncated"),
    ],
)
def test_a_blob_that_is_damaged_the_second_time_is_an_error_that_names_it(
    change: Callable[[bytes], bytes], message: str, bench: Callable[..., Bench]
) -> None:
    one = bench()
    one.watched.change = change

    with pytest.raises(ImageError) as caught:
        one.read(0, 1)

    assert caught.value.message.startswith(f"{one.watched.image.layers[0].blob}: {message}")


def test_what_failed_is_tried_again(bench: Callable[..., Bench]) -> None:
    one = bench()
    one.watched.change = lambda taken: taken[:0]
    with suppress(ImageError):
        one.read(0, 1)
    one.watched.change = lambda taken: taken

    found = one.read(0, 1)

    assert found == FILES[1]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (LAYERS[0] + bytes(512), "the layer is longer than it was when it was scanned"),
        (LAYERS[0][:-1024], "the layer is shorter than it was when it was scanned"),
    ],
)
def test_another_blob_than_was_scanned_is_an_error(
    other: bytes, message: str, bench: Callable[..., Bench]
) -> None:
    one = bench()
    one.watched.instead = gzip.compress(other, 1)

    with pytest.raises(ImageError, match=message):
        one.content.open(
            (0, Entry(path="all", kind=Kind.FILE, size_bytes=len(LAYERS[0]), stored_bytes=len(LAYERS[0])))
        ).read()
