"""The cross-check of a gradient: the engine's numbers against those of independent methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from gradcli.engine.tape import Entry, Tape
from gradcli.engine.tensor import Tensor
from gradcli.errors import SeedNeeded, ShapeMismatch
from gradcli.proof.calculation import Calculation, Step, Target, bits_of, to_json
from gradcli.proof.process import Stopped, ask
from gradcli.proof.wire import Json, Unsendable

SECONDS = 2.0
MEMORY = 512 * 2**20
# More than this is not begun: at some 20 microseconds a number and run it cannot be finished.
STEPS_A_SECOND = 20_000
NUMBERS_A_SECOND = 200_000


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a cross-check.

    status            "agrees", "differs", "undecided" (no time, no value) or "skipped" (nothing to
                      compare: a kink, an operation without a twin)
    methods           the status of each method that was tried
    digits            the fewest significant digits that agree, of the value and of all gradients;
                      at most 16 (of float32: 7)
    value_trusted,    how many digits rounding leaves meaning to, in the precision of the
    gradient_trusted  calculation; None where that is not known
    reason            why it does not agree, or agrees to so few digits; "" if there is none
    by_method         of each method, the digits of each gradient that agree
    """

    status: str
    methods: dict[str, str] = field(default_factory=dict)
    digits: int | None = None
    value_digits: int | None = None
    gradient_digits: dict[str, int | None] = field(default_factory=dict)
    value_trusted: int | None = None
    gradient_trusted: dict[str, int | None] = field(default_factory=dict)
    reason: str = ""
    by_method: dict[str, dict[str, int | None]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The object that results in JSON carry."""
        return {"status": self.status, "methods": dict(self.methods), "digits": self.digits}


class Claim(NamedTuple):
    """What the engine found for one output.

    leaves     the variables by name; results of operations are allowed too
    gradients  numbers, arrays, tensors, or None for zero
    seed       the cotangent of the output, where that is not one number
    tape       recorded while the output was calculated (`engine.tape.taping`)
    """

    tape: Tape
    output: Tensor
    leaves: Mapping[str, Tensor]
    gradients: Mapping[str, Any]
    seed: Any = None


def check(
    tape: Tape,
    output: Tensor,
    leaves: Mapping[str, Tensor],
    gradients: Mapping[str, Any],
    seed: Any = None,
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> Check:
    """Compare `output` and the gradients by `leaves` with their twins (see `check_all`)."""
    claim = Claim(tape, output, leaves, gradients, seed)
    return check_all([claim], seconds=seconds, memory=memory)[0]


def check_all(
    claims: Sequence[Claim], *, seconds: float = SECONDS, memory: int = MEMORY
) -> list[Check]:
    """Compare values and gradients with their twins, all in one process of its own.

    seconds    for the work on each claim; starting the process is not counted
    memory     bytes of address space for the process
    """
    found = [prepared(claim, seconds) for claim in claims]
    requests = [each for each in found if not isinstance(each, Check)]
    answers = iter(answered(requests, seconds, memory))
    return [each if isinstance(each, Check) else summed_up(*next(answers)) for each in found]


def prepared(claim: Claim, seconds: float) -> Check | Json:
    """A claim as it is sent, or what is known without sending it."""
    try:
        calculation = collect(*claim)
        if calculation is None:
            return Check("skipped", reason="part of the calculation was not recorded")
        if too_large(calculation, seconds):
            return Check("undecided", reason="it is too long for the time allowed")
        return to_json(calculation)
    except Unsendable as reason:
        return Check("skipped", reason=f"a {reason} cannot be checked")


def answered(requests: Sequence[Json], seconds: float, memory: int) -> list[tuple[list[Any], str]]:
    """For each request what the child says of it, and why it ended early if it did."""
    if not requests:
        return []
    stopped = ""
    try:
        lines = ask(requests, seconds=seconds * len(requests), memory=memory)
    except Stopped as end:
        lines, stopped = end.lines, end.reason
    found: list[tuple[list[Any], str]] = [([], "")]
    for line in lines:
        if line == "next":
            found.append(([], ""))
        else:
            found[-1][0].append(line)
    found[-1] = (found[-1][0], stopped)
    missing = len(requests) - len(found)
    return [*found, *[([], stopped)] * missing][: len(requests)]


def too_large(calculation: Calculation, seconds: float) -> bool:
    steps = calculation.steps
    numbers = sum(int(np.prod(step.shape)) for step in steps)
    return len(steps) > STEPS_A_SECOND * seconds or numbers > NUMBERS_A_SECOND * seconds


# ---- from the tape ------------------------------------------------------------------------------


def collect(
    tape: Tape,
    output: Tensor,
    leaves: Mapping[str, Tensor],
    gradients: Mapping[str, Any],
    seed: Any,
) -> Calculation | None:
    """The part of a tape that the output depends on; None if it began before the tape did."""
    last = tape.enter(output)
    numbers = tape.ancestors(last, moving=True)
    variables = {name: tape.enter(leaf) for name, leaf in leaves.items()}
    # A variable that the output does not depend on is a step that nothing reads.
    unused = sorted(set(variables.values()) - set(numbers))
    place = {number: k for k, number in enumerate([*unused, *numbers])}
    steps = [input_step(tape.entries[number].value) for number in unused]
    for number in numbers:
        entry = tape.entries[number]
        if entry.op is not None and entry.tensor.requires_grad:
            operands = tuple(place[operand] for operand in entry.operands)
            steps.append(
                Step(
                    entry.op,
                    operands,
                    entry.static,
                    entry.value.shape,
                    bits_of(entry.value.dtype),
                    entry.value if has_signs(entry) else None,
                    entry.part,
                )
            )
        elif entry.op is None and entry.tensor.grad_fn is not None:
            return None
        else:
            steps.append(input_step(entry.value))
    targets = tuple(
        Target(name, place[variables[name]], gradient_of(leaf, gradients.get(name)))
        for name, leaf in leaves.items()
    )
    return Calculation(tuple(steps), np.asarray(output.value), seed_of(output, seed), targets)


def has_signs(entry: Entry) -> bool:
    """Does it hold vectors of arbitrary signs, which a twin can only take from the machine?"""
    signs = () if entry.op is None else entry.op.signs
    return bool(signs) and entry.part is not None and signs[entry.part] is not None


def input_step(value: Any) -> Step:
    array = np.asarray(value)
    return Step(None, (), (), array.shape, bits_of(array.dtype), array)


def gradient_of(leaf: Tensor, gradient: Any) -> np.ndarray[Any, Any]:
    value = gradient.value if isinstance(gradient, Tensor) else gradient
    if value is None:
        return np.zeros(leaf.shape, leaf.dtype)
    array = np.asarray(value, leaf.dtype if not isinstance(gradient, Tensor) else None)
    if array.shape != leaf.shape:
        raise ShapeMismatch(f"a gradient of shape {array.shape} is not one of {leaf.shape}")
    return array


def seed_of(output: Tensor, seed: Any) -> np.ndarray[Any, Any]:
    if seed is None:
        if output.size != 1:
            raise SeedNeeded("a result of several elements is checked with its cotangent: seed=")
        return np.ones(output.shape, output.dtype)
    value = np.asarray(seed.value if isinstance(seed, Tensor) else seed)
    return np.broadcast_to(value, output.shape)


# ---- the answer ---------------------------------------------------------------------------------


def summed_up(lines: list[Any], stopped: str = "") -> Check:
    """One Check from what each method found: a difference outweighs all, then agreement does."""
    begun = {line["more"]: "undecided" for line in lines if line.get("more")}
    methods = {line["method"]: line["status"] for line in lines}
    methods |= {name: status for name, status in begun.items() if name not in methods}
    order = ("differs", "agrees", "undecided", "skipped")
    if not lines:
        return Check("undecided", reason=stopped or "nothing was found")
    best = min(lines, key=lambda line: order.index(line["status"]))
    values = [line["value"] for line in lines if line["status"] == best["status"]]
    names = best["gradients"]
    every = [
        {name: line["gradients"][name] for name in names}
        for line in lines
        if line["status"] == best["status"] and line["gradients"].keys() == names.keys()
    ]
    gradient_digits = {n: least(found[n]["digits"] for found in every) for n in names}
    value_digits = least(value["digits"] for value in values)
    return Check(
        status=best["status"],
        methods=methods,
        digits=least([value_digits, *gradient_digits.values()]),
        value_digits=value_digits,
        gradient_digits=gradient_digits,
        value_trusted=least(value["trusted"] for value in values),
        gradient_trusted={n: least(found[n]["trusted"] for found in every) for n in names},
        reason=reason_of(best) or ("" if best["status"] == "agrees" else stopped),
        by_method={
            line["method"]: {name: each["digits"] for name, each in line["gradients"].items()}
            for line in lines
        },
    )


def least(digits: Any) -> int | None:
    return min((n for n in digits if n is not None), default=None)


def reason_of(line: dict[str, Any]) -> str:
    """The reason of the first finding that has the line's status, with the variable's name."""
    findings = {"": line["value"], **line["gradients"]}
    for name, finding in findings.items():
        if finding["status"] == line["status"] and finding["reason"]:
            return f"{name}: {finding['reason']}" if name else str(finding["reason"])
    return ""
