"""The workloads, and how one is run: alone, in a process of its own.

A workload is a module with `measure(seed, **sizes)`, which gives rows of timing.Row; its sizes have
defaults.
"""

from __future__ import annotations

import importlib
import inspect
import multiprocessing
import os
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import NamedTuple

import timing

# Seconds after which a workload is given up.
PATIENCE = 900


class Workload(NamedTuple):
    """
    title     what its rows cost
    cores     how many it may use; all where None
    reported  in the README
    """

    title: str
    cores: int | None = 1
    reported: bool = False


WORKLOADS = {
    "start_up": Workload("Start-up: a process of one evaluation", None, reported=True),
    "prompt": Workload("The prompt: its start, and from a key to the screen", None),
    "small_ops": Workload("Mixed small operations, forward and backward", reported=True),
    "thousand": Workload("One operation on 1,000 elements, forward and backward"),
    "second_order": Workload("The gradient of a gradient, recorded"),
    "fan_out": Workload("A value used many times, forward and backward, a use"),
    "deep_chain": Workload("A chain of products, forward and backward, a product", reported=True),
    "scalar_program": Workload("A compiled scalar program, value and gradient", reported=True),
    "rows": Workload("Rows, value and three partial derivatives, a row", None, reported=True),
    "matrices": Workload("Hessians and Jacobians", reported=True),
    "growth": Workload("Growth of the cost with the size", None, reported=True),
    "check": Workload("A proof of a gradient, as a process", None, reported=True),
    "resnet": Workload("ResNet-18 on a 64 x 64 image, float32", reported=True),
    "training": Workload("A step of training a small network"),
    "language_training": Workload("2,000 steps of training, as a script", reported=True),
    "language_loops": Workload("Derivatives of one function in a script's loop, a turn"),
    "tables": Workload("`gradcli map` from file to file, a row", None),
}


def measured(
    name: str, seed: int, sizes: Mapping[str, int], patience: float = PATIENCE
) -> list[timing.Row]:
    """A workload's rows; none if it fails, which is said."""
    timing.say(f"{name} ...")
    begin = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(name, seed, sizes, there))
    process.start()
    there.close()
    rows: list[timing.Row] = []
    try:
        if here.poll(patience):
            rows = here.recv()
            timing.say(f"{name}: {time.perf_counter() - begin:.0f} s")
        else:
            timing.say(f"({name} is given up after {patience} s)")
    except EOFError:  # with its traceback, or killed
        timing.say(f"({name} failed)")
    finally:
        process.kill()
        process.join()
    return rows


def work(name: str, seed: int, sizes: Mapping[str, int], there: Connection) -> None:
    """In the process of its own: the cores are chosen before any library counts them."""
    cores = WORKLOADS[name].cores
    if cores is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    measure = importlib.import_module(name).measure
    taken = inspect.signature(measure).parameters
    there.send(measure(seed, **{size: n for size, n in sizes.items() if size in taken}))
