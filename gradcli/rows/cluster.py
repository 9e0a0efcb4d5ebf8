"""A job on a Dask cluster: a task for every part, each of which writes a file of its own.

A part is written under a temporary name and then put in its place, so a task that is done twice,
because a worker died or was thought to, loses and doubles nothing. The folder of the parts takes
its name when all are there.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from distributed import CancelledError, Client, KilledWorker, LocalCluster, as_completed

from gradcli import __version__
from gradcli.errors import FileError, GradcliError, Status, UsageError
from gradcli.rows.destination import mode_of, synchronized
from gradcli.rows.parts import Done, Failed, Part, Task, carry_out

SECONDS = 10  # to find the scheduler


class ClusterError(FileError):
    """The cluster, and not the table, is to blame."""

    kind = "cluster"


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler: `tcp://…`, the name of its file, or `local[:N]`."""
    logging.disable(logging.CRITICAL)  # what a person should know is told by errors of our own
    try:
        with ExitStack() as stack:
            if address.partition(":")[0] == "local":
                cluster = stack.enter_context(local_cluster(address))
                yield stack.enter_context(Client(cluster))
            else:
                yield stack.enter_context(client_of(address))
    finally:
        logging.disable(logging.NOTSET)


def local_cluster(address: str) -> LocalCluster:
    """Processes on this machine, which nobody else can reach."""
    count = address.partition(":")[2]
    workers = int(count) if count.isdecimal() and int(count) else None
    if count and workers is None:
        raise UsageError(f"'{address}' is not local:N")
    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
    except (OSError, RuntimeError) as error:
        raise ClusterError(f"no cluster starts on this machine: {words(error)}") from None


def client_of(address: str) -> Client:
    known = {"address": address} if "://" in address else {"scheduler_file": address}
    if "scheduler_file" in known and not Path(address).is_file():
        raise FileError(f"cannot read '{address}': there is no such file of a scheduler")
    try:
        return Client(**known, timeout=SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(f"no scheduler answers at '{address}': {words(error)}") from None


def words(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


# ---- workers ------------------------------------------------------------------------------------


def probe(paths: Sequence[str]) -> tuple[str, list[str]]:
    """A worker's version of gradcli, and which of these paths it does not see."""
    return __version__, [path for path in paths if not Path(path).exists()]


def check_workers(client: Client, paths: Sequence[str]) -> int:
    """How many threads the workers have; each must have this gradcli and see these paths."""
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        raise ClusterError("the cluster has no worker") from None
    answers = client.run(probe, list(paths), on_error="return")
    for worker, answer in answers.items():
        if isinstance(answer, ModuleNotFoundError):
            raise ClusterError(
                f"the worker {worker} has no {answer.name}", hint="pip install 'gradcli[dask]'"
            )
        if isinstance(answer, BaseException):
            raise ClusterError(f"the worker {worker} does not answer: {words(answer)}")
        version, unseen = answer
        if version != __version__:
            raise ClusterError(f"the worker {worker} has gradcli {version}, and not {__version__}")
        if unseen:
            raise ClusterError(
                f"the worker {worker} does not see '{unseen[0]}'",
                hint="data and output must be on a path that all workers share",
            )
    return sum(client.nthreads().values())


# ---- the run ------------------------------------------------------------------------------------


@contextmanager
def gathering(output: str) -> Iterator[Path]:
    """A folder of another name beside it, which takes the name when all parts are there."""
    path = Path(output).resolve()
    if path.exists():
        raise FileError(f"'{output}' exists already", hint="parts are written into a new folder")
    try:
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:100]}."))
    except OSError as error:
        raise FileError(f"cannot write '{output}': {error.strerror}") from None
    try:
        yield folder
        for file in folder.glob(".*"):  # of workers that died
            file.unlink()
        folder.chmod(mode_of(folder / "new", 0o777))
        folder.rename(path)
        synchronized(path.parent)
    finally:
        with suppress(FileNotFoundError):  # it has its name
            shutil.rmtree(folder)


def distribute(client: Client, tasks: Sequence[Task], told: Callable[[Done], object]) -> list[Done]:
    """Carry out all tasks; what came of each, in their order. `told` hears of them as they end."""
    futures = client.map(carry_out, tasks, pure=False)
    done: dict[int, Done] = {}
    try:
        for future in as_completed(futures):
            answer = future.result()
            if isinstance(answer, Failed):
                raise restored(answer, tasks[answer.number].part)
            done[answer.number] = answer
            told(answer)
    except KilledWorker as error:
        raise ClusterError(
            f"workers died of one part, one after the other: {words(error)}",
            hint="they may have too little memory",
        ) from None
    except (OSError, CancelledError):
        raise ClusterError("the scheduler is gone, or gave parts up") from None
    finally:
        client.cancel(futures)
    return [done[number] for number in sorted(done)]


def restored(failed: Failed, part: Part) -> GradcliError:
    """The error of a part, whose lines are counted from the beginning of the file."""
    error = GradcliError(failed.message, hint=failed.hint)
    error.status, error.kind = Status(failed.status), failed.kind
    location = failed.location
    if location is not None and location.name == part.path and not part.line:
        with Path(part.path).open("rb") as stream:
            before = sum(block.count(b"\n") for block in blocks(stream, part.start))
        location = location._replace(line=location.line + before)
    error.location = location
    return error


def blocks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (data := stream.read(min(size, 2**20))):
        size -= len(data)
        yield data
