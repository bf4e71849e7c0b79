"""Layers read by several processes: the same as by one, whatever goes wrong in them."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from msgspec.structs import replace

from layerscope.errors import ImageError, LimitExceeded
from layerscope.extensions import LayerJob
from layerscope.inspection import Inspection, Options, inspect
from layerscope.model.changeset import Changeset
from layerscope.model.image import Layer
from layerscope.oci import worker
from layerscope.oci.opened import OpenedBlobs
from layerscope.reports.data import report_data
from tests.oci.build import built, layout
from tests.oci.tar.raw import member, pax
from tests.sources.images import file, layer, packed, saved
from tests.sources.samples import NAMES, ODD, SAMPLES, WASTEFUL

ONE_PROCESS, TWO_PROCESSES = Options(jobs=1), Options(jobs=2)
STARTED_OR_FORKED = pytest.mark.parametrize(
    "two", [TWO_PROCESSES, replace(TWO_PROCESSES, fork=True)], ids=["started", "forked"]
)


class SpiedWorker(worker.Worker):
    """A worker that notes what it is asked to do; all that were ever started are in ``started``."""

    started: list[SpiedWorker]

    def __init__(self, *, fork: bool) -> None:
        super().__init__(fork=fork)
        self.jobs: list[LayerJob] = []
        SpiedWorker.started.append(self)

    def run(self, job: LayerJob, told: Callable[[int], None] | None = None) -> Changeset:
        """Note the job and do it."""
        self.jobs.append(job)
        return super().run(job, told)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[SpiedWorker]]:
    """Have every byte be worth a process; give the workers that were started.

    This process begins when another one has a job: it would be done with these layers before.
    """
    SpiedWorker.started = []
    read_layer = OpenedBlobs.read_layer

    def read_later(self: OpenedBlobs, layer: Layer) -> Changeset:
        deadline = time.monotonic() + 10
        while SpiedWorker.started and not done_by(SpiedWorker.started) and time.monotonic() < deadline:
            time.sleep(0.001)
        return read_layer(self, layer)

    monkeypatch.setattr("layerscope.oci.reading._WORTH_A_PROCESS_BYTES", 1)
    monkeypatch.setattr("layerscope.oci.reading.can_fork", lambda: True)
    monkeypatch.setattr(worker, "Worker", SpiedWorker)
    monkeypatch.setattr(OpenedBlobs, "read_layer", read_later)
    yield SpiedWorker.started
    assert [started for started in SpiedWorker.started if not started.ended] == []


def growing(count: int) -> list[bytes]:
    """Layers of which each is larger than the one below: the last one is read in this process."""
    return [layer(file(b"f%d" % number, b"x" * (number + 1) * 1000)) for number in range(count)]


def done_by(workers: list[SpiedWorker]) -> int:
    """How many jobs the workers were given."""
    return sum(len(started.jobs) for started in workers)


def parts(inspection: Inspection) -> tuple[object, ...]:
    """Everything that reading layers yields."""
    return inspection.image, inspection.changesets, inspection.verified


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [Options(), Options(verify=True), Options(content_sha256=True), Options(fork=True)],
    ids=["plain", "verify", "sha256", "fork"],
)
def test_another_process_reads_the_same(name: str, options: Options, workers: list[SpiedWorker]) -> None:
    """The names of the odd sample are not all UTF-8, which msgpack cannot carry."""
    alone = inspect(str(SAMPLES / name), replace(options, jobs=1))
    assert workers == []

    together = inspect(str(SAMPLES / name), replace(options, jobs=2))

    assert done_by(workers) > 0
    assert parts(together) == parts(alone)
    assert report_data(together, []) == report_data(alone, [])


@STARTED_OR_FORKED
@pytest.mark.parametrize("name", [b"caf\xe9", b"caf\xc3\xa9", b"plain"])
def test_names_come_back_from_another_process_byte_for_byte(
    name: bytes, two: Options, workers: list[SpiedWorker], tmp_path: Path
) -> None:
    """What msgpack cannot carry goes another way."""
    lower = layer(
        pax((b"SCHILY.xattr.user.note", b"\xff\0")) + member(name, b"1"),
        member(b"link", typeflag=b"2", link=name),
    )

    inspection = inspect(str(saved(tmp_path, lower, *growing(9)[-1:])), two)

    file_entry, link_entry = inspection.changesets[0].entries
    ((job,),) = (started.jobs for started in workers)
    assert job.where.endswith(inspection.image.layers[0].blob)
    assert os.fsencode(file_entry.path) == os.fsencode(link_entry.link_target or "") == name
    assert file_entry.xattrs == {"user.note": b"\xff\0"}


@pytest.mark.parametrize("jobs", [2, 3, 5])
def test_the_number_of_processes_changes_nothing(jobs: int, workers: list[SpiedWorker]) -> None:
    report = report_data(inspect(str(WASTEFUL), Options(jobs=jobs)), [])

    assert len(workers) == jobs - 1
    assert report == report_data(inspect(str(WASTEFUL), ONE_PROCESS), [])


def test_a_small_image_is_not_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "Worker", None)

    assert inspect(str(WASTEFUL), Options(jobs=8)).analysis.totals.entries > 0


@pytest.mark.parametrize(("others", "count"), [(0, 0), (999, 0), (1000, 1), (2500, 2), (10_000, 3)])
def test_as_many_processes_as_have_enough_to_do(
    others: int, count: int, workers: list[SpiedWorker], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The largest layer is read here; ``others`` are the bytes of the rest, in units of a block."""
    monkeypatch.setattr("layerscope.oci.reading._WORTH_A_PROCESS_BYTES", 1000 * 512)
    small = bytes(others * 512 // 4)
    image = saved(tmp_path, bytes(20_000 * 512), *(distinct(small, 4) if others else []))

    inspect(str(image), Options(jobs=4))

    assert len(workers) == count


@pytest.mark.parametrize(("two", "count"), [(TWO_PROCESSES, 0), (replace(TWO_PROCESSES, fork=True), 1)])
def test_to_unpack_a_little_is_worth_a_copy_and_no_new_process(
    two: Options,
    count: int,
    workers: list[SpiedWorker],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    layers = distinct(bytes(100 * 512), 3)
    packed_layers = [gzip.compress(one, 0, mtime=0) for one in layers]
    image = packed(tmp_path / "image.tar", layout(built(*layers), stored=packed_layers))
    monkeypatch.setattr("layerscope.oci.reading._WORTH_A_PROCESS_BYTES", 500 * 512)

    inspect(str(image), two)

    assert len(workers) == count


def distinct(tar: bytes, count: int) -> list[bytes]:
    """So many layers of one size; zero blocks follow the end of a tar and mean nothing."""
    return [layer(file(b"%d" % number)).ljust(len(tar), b"\0")[: len(tar)] for number in range(count)]


def test_a_pipe_is_read_by_one_process(workers: list[SpiedWorker], tmp_path: Path) -> None:
    compressed = tmp_path / "odd.tar.gz"
    compressed.write_bytes(gzip.compress(ODD.read_bytes()))

    inspection = inspect(str(compressed), TWO_PROCESSES)

    assert done_by(workers) == 0
    assert inspection.changesets == inspect(str(ODD), ONE_PROCESS).changesets


def test_a_blob_of_two_layers_is_read_once(workers: list[SpiedWorker], tmp_path: Path) -> None:
    small, large = growing(2)
    image = packed(tmp_path / "image.tar", layout(built(small, large, small, small)))

    inspection = inspect(str(image), TWO_PROCESSES)

    assert done_by(workers) <= 1
    assert [len(changeset.entries) for changeset in inspection.changesets] == [1, 1, 1, 1]


class Told:
    """Notes what a run tells of its progress."""

    def __init__(self) -> None:
        self.expected_bytes: int | None = None
        self.totals: dict[str, int | None] = {}
        self.counts: Counter[str] = Counter()
        self.ended: set[str] = set()

    def expect(self, total_bytes: int) -> None:
        """Note the size of all."""
        self.expected_bytes = total_bytes

    def begin(self, part: str, total_bytes: int | None) -> None:
        """Note the size."""
        self.totals[part] = total_bytes

    def advance(self, part: str, count: int) -> None:
        """Note the bytes."""
        self.counts[part] += count

    def end(self, part: str) -> None:
        """Note the end."""
        self.ended.add(part)


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_is_told_of_every_byte(jobs: int, workers: list[SpiedWorker], tmp_path: Path) -> None:
    layers = growing(4)
    told = Told()

    inspect(str(saved(tmp_path, *layers)), Options(jobs=jobs, progress=told))

    assert told.expected_bytes == sum(map(len, layers))
    assert told.totals == dict(told.counts)
    assert sorted(told.counts.values()) == sorted(map(len, layers))
    assert told.ended == set(told.totals)
    assert len(workers) == jobs - 1


def test_what_came_through_a_pipe_is_expected_no_more(tmp_path: Path) -> None:
    image = saved(tmp_path, *growing(2))
    (tmp_path / "image.tar.gz").write_bytes(gzip.compress(image.read_bytes()))
    told = Told()

    inspect(str(tmp_path / "image.tar.gz"), Options(progress=told))

    assert told.expected_bytes is None
    assert len(told.ended) == 2


def test_another_process_tells_of_bytes_while_it_reads(
    workers: list[SpiedWorker], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A layer of more than one message; the first count comes before its end."""
    megabytes = layer(file(b"lower", bytes(20 << 20))), layer(file(b"upper", bytes(24 << 20)))
    counts: list[int] = []
    monkeypatch.setattr(Told, "advance", lambda self, part, count: counts.append(count))  # noqa: ARG005

    inspect(str(saved(tmp_path, *megabytes)), Options(jobs=2, progress=Told()))

    assert sum(counts) == sum(map(len, megabytes))
    assert max(counts) < 20 << 20
    assert done_by(workers) == 1


@STARTED_OR_FORKED
def test_an_error_in_another_process_is_that_of_this_one(
    two: Options, workers: list[SpiedWorker], tmp_path: Path
) -> None:
    lower, upper = growing(2)
    image = saved(tmp_path, lower[:700], upper)

    errors = []
    for options in (ONE_PROCESS, two):
        with pytest.raises(ImageError) as raised:
            inspect(str(image), options)
        errors.append((type(raised.value), raised.value.message, raised.value.hint))

    assert errors[0] == errors[1]
    assert "layer.tar: truncated" in errors[0][1]
    assert done_by(workers) == 1


def test_a_bound_holds_over_all_processes(workers: list[SpiedWorker], tmp_path: Path) -> None:
    """Each of them stays below it."""
    layers = growing(3)
    image = saved(tmp_path, *layers)
    total = sum(map(len, layers))

    with pytest.raises(LimitExceeded) as raised:
        inspect(str(image), Options(jobs=2, max_unpacked_bytes=total - 1))

    assert raised.value.hint is not None
    assert "--max-unpacked" in raised.value.hint
    assert inspect(str(image), Options(jobs=2, max_unpacked_bytes=total)).analysis.totals.tar_bytes == total
    assert done_by(workers) > 0


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("sys.exit(3)", "3"),
        ("os.kill(os.getpid(), 9)", "-9"),
        ("sys.stdout.buffer.write(b'half'); sys.stdout.flush()", "0"),
    ],
    ids=["at work", "killed", "answering"],
)
def test_a_process_that_dies_is_an_error_with_the_blob(
    end: str, code: str, workers: list[SpiedWorker], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "_CODE", f"import os, sys; sys.stdin.buffer.read(20); {end}")

    with pytest.raises(ImageError, match=rf"layer\.tar: the process that read it ended with {code}$"):
        inspect(str(saved(tmp_path, *growing(2))), TWO_PROCESSES)

    assert done_by(workers) == 1


def killed(requests: IO[bytes], _: IO[bytes]) -> None:
    """End as the kernel ends who takes too much memory."""
    requests.read(20)
    os.kill(os.getpid(), signal.SIGKILL)


def broken(requests: IO[bytes], _: IO[bytes]) -> None:
    """A defect of ours."""
    requests.read(20)
    raise ZeroDivisionError


def unfinished(requests: IO[bytes], answers: IO[bytes]) -> None:
    """End in the middle of an answer."""
    requests.read(20)
    answers.write(b"half")
    answers.flush()


@pytest.mark.parametrize(("serve", "code"), [(killed, "-9"), (broken, "1"), (unfinished, "0")])
def test_a_copy_that_dies_is_an_error_with_the_blob(
    serve: Callable[[IO[bytes], IO[bytes]], None],
    code: str,
    workers: list[SpiedWorker],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(worker, "serve", serve)

    with pytest.raises(ImageError, match=rf"layer\.tar: the process that read it ended with {code}$"):
        inspect(str(saved(tmp_path, *growing(2))), replace(TWO_PROCESSES, fork=True))

    assert done_by(workers) == 1


@STARTED_OR_FORKED
def test_ctrl_c_here_ends_the_other_processes(
    two: Options, workers: list[SpiedWorker], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The other one would work for a minute; the fixture checks that it is gone."""
    monkeypatch.setattr(worker, "_CODE", "import time; time.sleep(60)")
    monkeypatch.setattr(worker, "serve", lambda *_: time.sleep(60))

    def interrupted(*_: object) -> Changeset:
        raise KeyboardInterrupt

    monkeypatch.setattr(OpenedBlobs, "read_layer", interrupted)

    with pytest.raises(KeyboardInterrupt):
        inspect(str(saved(tmp_path, *reversed(growing(3)))), two)

    assert len(workers) == 1


@pytest.mark.parametrize("step", ["fork", "pipe"])
def test_without_another_process_to_be_had_one_reads_all(
    step: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A limit on processes, or on open files."""
    monkeypatch.setattr("layerscope.oci.reading._WORTH_A_PROCESS_BYTES", 1)
    monkeypatch.setattr("layerscope.oci.reading.can_fork", lambda: True)
    image = str(saved(tmp_path, *growing(3)))
    open_before = len(list(Path("/proc/self/fd").iterdir()))

    def refused() -> None:
        raise BlockingIOError

    monkeypatch.setattr(os, step, refused)

    assert inspect(image, Options(jobs=3, fork=True)).analysis.totals.content_bytes == 6000
    assert len(list(Path("/proc/self/fd").iterdir())) == open_before


def test_helpers_end_where_whoever_is_told_of_progress_refuses(
    workers: list[SpiedWorker], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(self: Told, total_bytes: int) -> None:  # noqa: ARG001
        raise RuntimeError

    monkeypatch.setattr(Told, "expect", refuse)

    with pytest.raises(RuntimeError):
        inspect(str(saved(tmp_path, *growing(3))), replace(TWO_PROCESSES, progress=Told()))

    assert len(workers) == 1


def test_the_program_copies_itself_where_a_file_is_read(tmp_path: Path) -> None:
    """The thread that shows progress has not begun by then."""
    image = saved(tmp_path, *growing(3))
    program = (
        "import layerscope.oci.reading as reading, layerscope.oci.worker as worker\n"
        "from layerscope.cli import run\n"
        "reading._WORTH_A_PROCESS_BYTES = 1\n"
        "reading._processors = lambda: 2\n"
        "worker._spawned = None\n"
        f"raise SystemExit(run([{str(image)!r}, '--ci']))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_script_needs_no_guard_and_no_module_of_the_folder_is_imported(tmp_path: Path) -> None:
    """A process of multiprocessing would run the script again."""
    image = saved(tmp_path, *growing(3))
    for name in ("pickle", "msgspec", "gc"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "script.py"
    script.write_text(
        "import layerscope.oci.reading as reading\n"
        "from layerscope.inspection import Options, inspect\n"
        "reading._WORTH_A_PROCESS_BYTES = 1\n"
        "print('once')\n"
        f"print(inspect({str(image)!r}, Options(jobs=2)).analysis.totals.content_bytes)\n"
    )

    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("once\n6000\n", "")
