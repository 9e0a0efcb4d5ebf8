"""`gradcli check`: derivatives by independent methods, and claims about them tested."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from gradcli.cli.options import (
    HELP,
    MathCommand,
    mathematics,
    name_of,
    number_options,
    output_options,
    split_bindings,
    variables_option,
)
from gradcli.cli.system.environment import Environment
from gradcli.errors import DomainError, Status, UnknownName, UsageError

if TYPE_CHECKING:
    from gradcli.lang.session import Session
    from gradcli.lang.source import Source
    from gradcli.proof.methods import Examined
    from gradcli.proof.refutation import Tested
    from gradcli.proof.sampling import Shape
    from gradcli.proof.trial import Claim, Point, TextTrial, Trial

# Points that are examined where no values are given; fewer of long expressions.
POINTS, OPERATIONS = 4, 1_000


@click.command("check", cls=MathCommand, context_settings=HELP)
@mathematics
@variables_option
@click.option(
    "--claim",
    multiple=True,
    metavar="'NAME: D'",
    help="Test that D is the derivative by NAME ('x,y: D': a block of the Hessian); repeat for "
    "more.",
)
@number_options
@output_options("text", "json")
@click.pass_obj
def command(
    environment: Environment, /, expression: str, bindings: tuple[str, ...], **options: Any
) -> Status:
    """Prove the derivatives of EXPR by independent methods, or test a claim about them.

    Side by side: reverse mode, forward mode, finite differences by extrapolation, a complex step,
    arithmetic of 50 digits and sympy. A variable without a VALUE is tried at points of the
    expression's domain; one with a VALUE stays there. A claim of any algebraic form passes; one
    that is wrong fails with the simplest counterexample that is found.

    \b
    gradcli check 'sin(x^2)*exp(y)' x=2 y=0.5
    gradcli check 'log(x)/x'
    gradcli check 'sin(x^2)' --claim 'x: 2*x*cos(x^2)'
    """
    from gradcli.cli.running.session import new_session
    from gradcli.cli.system.guard import guarded
    from gradcli.cli.system.progress import progress
    from gradcli.lang.source import Source
    from gradcli.proof.crosscheck import MEMORY
    from gradcli.proof.methods import examine
    from gradcli.proof.process import warm_up
    from gradcli.proof.refutation import Refuter
    from gradcli.proof.trial import TextTrial

    if options["dtype"] == "complex128":
        hint = "eval --check proves complex gradients"
        raise UsageError("check is of real derivatives", hint=hint)
    session = new_session(options, lambda text: None)  # it runs at many points
    source = Source(expression)
    claims = [claim_of(text) for text in options["claim"]]
    seed, seconds = options["seed"] or 0, session.limits.check
    warm_up(MEMORY)
    examined: list[Examined] = []
    tested: list[Tested] = []
    with guarded(session), progress(environment.stderr):
        fixed = values(session, split_bindings(bindings))
        free = unbound(session, source, fixed)
        wrt = variables(fixed, free, options["wrt"], claims)
        trial = TextTrial(session, source, wrt)
        check_claims(session, claims, trial, [*fixed, *free])
        shapes = shapes_for(trial, fixed, free, claims)
        with session.evaluating():  # so that Ctrl-C is heard while another process works
            if claims:
                refuter = Refuter(trial, fixed, shapes, claims, seconds, seed)
                tested = [refuter.test(claim) for claim in claims]
            else:
                examined = examine(chosen(trial, fixed, shapes, seed), seconds)
    if options["strict"]:
        refuse(examined)
    return report(environment, source, examined, tested, options)


# ---- what is asked ------------------------------------------------------------------------------


def claim_of(text: str) -> Claim:
    """`x: 2*x`, `x,y: 1`"""
    from gradcli.lang.source import Source
    from gradcli.proof.trial import Claim

    names, colon, said = text.partition(":")
    by = [name.strip() for name in names.split(",")]
    if not colon or not said.strip() or not all(by) or len(by) > 2:
        raise UsageError(
            f"--claim '{text}' is not of the form 'NAME: DERIVATIVE'",
            hint="such as --claim 'x: 2*x*cos(x^2)'; 'x,y: …' is a block of the Hessian",
        )
    by = [name_of(name) for name in by]
    return Claim(tuple(by), Source(said.strip(), name=f"claim for {','.join(by)}"))


def values(session: Session, texts: dict[str, str]) -> dict[str, Any]:
    """The given values as arrays."""
    import numpy as np

    from gradcli.cli.running.evaluation import certain, leaf

    texts, deviations = certain(texts)
    if deviations:
        raise UsageError("check has no uncertainties", hint="eval propagates them")
    return {
        name: np.asarray(leaf(session, name, text, requires_grad=False).value)
        for name, text in texts.items()
    }


def unbound(session: Session, source: Source, fixed: Point) -> list[str]:
    """The variables that have no value; a function that does not exist is an error."""
    from gradcli.lang.nearest import did_you_mean
    from gradcli.lang.unbound import symbols

    found = [m for m in symbols(session, session.compile(source)) if m.name not in fixed]
    for item in found:
        if item.called:
            hint = did_you_mean(item.name, [*session.machine.builtins, *fixed])
            error = UnknownName(f"unknown function '{item.name}'", hint=hint)
            raise source.blame(error, item.place.span)
    return [item.name for item in found]


def variables(
    fixed: Point, free: Sequence[str], wrt: Sequence[str], claims: Sequence[Claim]
) -> list[str]:
    """What to differentiate by, in the order of the command line."""
    known = [*fixed, *free]
    if not known:
        raise UsageError("there is no variable to differentiate by")
    from gradcli.lang.nearest import did_you_mean

    for name in (*wrt, *(name for claim in claims for name in claim.by)):
        if name not in known:
            hint = did_you_mean(name, known) or f"the variables are {', '.join(known)}"
            raise UnknownName(f"there is no variable '{name}'", hint=hint)
    return [name for name in known if name in wrt] if wrt else known


def check_claims(
    session: Session, claims: Sequence[Claim], trial: TextTrial, names: Sequence[str]
) -> None:
    """A claim may use the variables and what the expression assigns."""
    from gradcli.lang.nearest import did_you_mean
    from gradcli.lang.unbound import missing

    for claim in claims:
        codes = [*trial.codes, *session.compile(claim.source)]
        for item in missing(session, codes):
            if item.name in names:
                continue
            what = "calls" if item.called else "uses"
            error = UnknownName(
                f"the claim for {claim.name} {what} '{item.name}', which nothing defines",
                hint=did_you_mean(item.name, [*session.machine.builtins, *names]),
            )
            raise claim.source.blame(error, item.place.span)


def shapes_for(
    trial: Trial, fixed: Point, free: Sequence[str], claims: Sequence[Claim]
) -> dict[str, Shape]:
    from gradcli.proof.sampling import shapes_of

    if free:
        return shapes_of(trial, fixed, free, claims)
    trial.check(fixed, claims)
    return {}


def chosen(trial: Trial, fixed: Point, shapes: dict[str, Shape], seed: int) -> list[Any]:
    from gradcli.proof.sampling import samples

    if not shapes:
        return [trial.at(fixed)]
    first = samples(trial, fixed, shapes, 1, seed)
    if not first or len(first[0].tape.entries) > OPERATIONS // 2:
        return first
    return samples(trial, fixed, shapes, POINTS, seed)


# ---- what was found -----------------------------------------------------------------------------


def report(
    environment: Environment,
    source: Source,
    examined: Sequence[Examined],
    tested: Sequence[Tested],
    options: dict[str, Any],
) -> Status:
    import json
    import shutil

    from gradcli.cli.system.writing import write_text
    from gradcli.views import checking as view

    notes = noted(examined, tested)
    path = options["output"]
    color = path is None and environment.colored(options["color"], environment.stdout)
    as_json = options["as_json"] or options["form"] == "json"
    if as_json:
        found = view.as_object(source, examined, tested, notes)
        text = json.dumps(found, ensure_ascii=False)
    elif tested:
        text = view.verdicts(tested, color=color)
    elif examined:
        partial = "∂" if path is not None or environment.unicode else "d"
        on_terminal = path is None and environment.is_terminal
        width = shutil.get_terminal_size().columns if on_terminal else None
        table = view.table(examined, digits=options["digits"], partial=partial, width=width)
        text = f"{table}\n{view.summary([each.check for each in examined], color=color)}"
    else:
        text = "check undecided: no point was found where it has a derivative; give values"
    write_text(environment, text, path)
    if not (as_json or options["quiet"]):
        for note in notes:
            print(f"note: {note}", file=environment.stderr)
    return status_of(examined, tested)


def refuse(examined: Sequence[Examined]) -> None:
    """Under --strict: points on kinks, and those where something is not finite."""
    for each in examined:
        for met in [
            *each.sample.kinks,
            *([] if each.sample.finite else ["the value or a derivative is not finite"]),
        ]:
            raise DomainError(f"{met}", hint="without --strict this is a note")


def noted(examined: Sequence[Examined], tested: Sequence[Tested]) -> list[str]:
    """Kinks and poles that were met, each once and not too many."""
    kinks = [f"{kink}" for each in examined for kink in each.sample.kinks]
    met = [note for each in tested for note in each.met]
    found = list(dict.fromkeys([*(f"kink: {kink}" for kink in kinks), *met]))
    more = [f"and {len(found) - MOST_NOTES} more such points"] if len(found) > MOST_NOTES else []
    return found[:MOST_NOTES] + more


MOST_NOTES = 3


def status_of(examined: Sequence[Examined], tested: Sequence[Tested]) -> Status:
    """A claim that fails is status 1, methods that differ 6; what stays undecided 8."""
    from gradcli.proof.refutation import FAIL, PASS

    if any(each.status == FAIL for each in tested):
        return Status.FAILED
    verdicts = [each.check.status for each in examined]
    if "differs" in verdicts:
        return Status.DIFFERS
    if "undecided" in verdicts or any(each.status != PASS for each in tested):
        return Status.LIMIT
    return Status.DONE if examined or tested else Status.LIMIT
