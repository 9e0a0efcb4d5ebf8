"""From a command line to a result: what the verbs that differentiate EXPR share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gradcli.cli.options import pasteable, split_bindings
from gradcli.cli.system.environment import Environment
from gradcli.errors import SeedNeeded, Status, UnknownName, UsageError, WrongType

if TYPE_CHECKING:
    from gradcli.engine.tensor import Tensor
    from gradcli.lang.evaluation import Derive, Evaluation, Options
    from gradcli.lang.session import Session
    from gradcli.lang.source import Source
    from gradcli.proof.crosscheck import Check


def run(
    environment: Environment,
    expression: str,
    bindings: tuple[str, ...],
    options: dict[str, Any],
    kind: str,
    derive: Derive | None = None,
) -> Status:
    """Evaluate and differentiate EXPR, prove that if asked to, and write what was found."""
    session, evaluation = evaluated(environment, expression, bindings, options, kind, derive)
    check = prove(evaluation, session) if options["check"] else None
    return show(environment, session, evaluation, check, options)


def evaluated(
    environment: Environment,
    expression: str,
    bindings: tuple[str, ...],
    options: dict[str, Any],
    kind: str,
    derive: Derive | None = None,
) -> tuple[Session, Evaluation]:
    """EXPR, evaluated and differentiated in a session of its own.

    kind    of derivatives, as in `lang.evaluation.KINDS`
    derive  what finds them, if not backward()
    """
    from gradcli.cli.running.session import new_session
    from gradcli.cli.system.guard import guarded
    from gradcli.cli.system.progress import progress
    from gradcli.lang.evaluation import evaluate
    from gradcli.lang.source import Source

    session = new_session(options, environment.stdout.write)
    source = Source(expression)
    values, deviations = certain(split_bindings(bindings))
    if deviations and (derive or kind != "gradient" or options.get("no_grad")):
        raise UsageError(
            f"the uncertainty of {next(iter(deviations))} goes with the gradient that eval finds",
            hint="leave out ±, or other derivatives",
        )
    moves = split_bindings(options.get("tangent", ()), hint="such as --tangent x=1")
    asked = wanted(options, kind, values, moves)
    with guarded(session), progress(environment.stderr):
        check_names(session, source, values)
        constants = constant(values, asked.wrt) if derive else set()
        leaves = {
            name: leaf(session, name, text, requires_grad=name not in constants)
            for name, text in values.items()
        }
        if deviations:
            from gradcli.lang.uncertainty import deviation, propagated

            found = {n: deviation(session, n, t, leaves[n]) for n, t in deviations.items()}
            derive = propagated(found)
        try:
            return session, evaluate(session, source, leaves, asked, derive)
        except SeedNeeded as error:
            error.hint = error.hint and error.hint.replace("pass gradient=", "give --grad-output")
            raise


def nothing_recorded(bindings: tuple[str, ...]) -> WrongType:
    """Why there is no graph of a result."""
    if bindings:
        return WrongType("the result is no tensor, so it has no graph")
    return WrongType("the result depends on no variable", hint="give values, such as x=2")


def certain(values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of values without, and of, their uncertainties: `2±0.1`, `2+-0.1`."""
    if not any("±" in text or "+-" in text for text in values.values()):
        return dict(values), {}
    from gradcli.lang.uncertainty import halves

    pairs = {name: halves(text) for name, text in values.items()}
    deviations = {name: half for name, (_, half) in pairs.items() if half is not None}
    return {name: value for name, (value, _) in pairs.items()}, deviations


def leaf(session: Session, name: str, text: str, *, requires_grad: bool) -> Tensor:
    """The value of a variable: an expression, or the name of a file after @."""
    from gradcli.lang.source import Source

    if text.lstrip().startswith("@"):
        from gradcli.cli.running import values

        return values.leaf(session, name, text.lstrip()[1:], requires_grad=requires_grad)
    return session.leaf(Source(text, name=f"value of {name}"), requires_grad=requires_grad)


def wanted(
    options: dict[str, Any], kind: str, values: Mapping[str, str], moves: Mapping[str, str]
) -> Options:
    """What the options ask of an evaluation; a verb without one of them has its default."""
    from gradcli.lang.evaluation import Options
    from gradcli.lang.source import Source

    seed = options.get("grad_output")
    for name in moves:
        if name not in values:
            raise UsageError(f"--tangent: there is no variable '{name}'", hint=f"give {name}=VALUE")
    return Options(
        kind=kind,
        wrt=tuple(moves) or options.get("wrt", ()),
        seed=None if seed is None else Source(seed, name="--grad-output"),
        tangents={name: Source(text, name=f"tangent of {name}") for name, text in moves.items()},
        order=options.get("order"),
        retain_graph=True if options.get("retain_graph") else None,
        create_graph=options.get("create_graph", False),
        backward=options.get("backward", 1),
        gradients=not options.get("no_grad"),
        tape=options["check"],
    )


def constant(values: Mapping[str, str], wrt: tuple[str, ...]) -> set[str]:
    """Variables that need no gradient: none if anything in `wrt` is assigned by the text."""
    return set(values) - set(wrt) if wrt and set(wrt) <= set(values) else set()


def check_names(
    session: Session, source: Source, values: Mapping[str, str], *, given: str = "=1"
) -> None:
    """Every name must be known: what is missing is listed with a command to paste.

    given  what stands behind a name in that command
    """
    from gradcli.lang.nearest import did_you_mean
    from gradcli.lang.unbound import missing

    unbound = [
        item for item in missing(session, session.compile(source)) if item.name not in values
    ]
    if not unbound:
        return
    first = next((item for item in unbound if item.called), unbound[0])
    known = [*session.machine.builtins, *values]
    hint = did_you_mean(first.name, known)
    if first.called:
        message = f"unknown function '{first.name}'"
    else:
        names = [item.name for item in unbound if not item.called]
        message = f"{', '.join(names)} {'has' if len(names) == 1 else 'have'} no value"
        paste = pasteable(*(f"{name}{given}" for name in names))
        advice = f"give values: {paste}" if given else f"declare it: {paste}"
        hint = f"{hint}; or {advice}" if hint else advice
    raise source.blame(UnknownName(message, hint=hint), first.place.span)


def prove(evaluation: Evaluation, session: Session) -> Check:
    """The independent verdict on the value and the derivatives."""
    if evaluation.output is None or evaluation.tape is None or not evaluation.found:
        raise UsageError("--check needs a derivative to prove")
    from gradcli.proof.claims import prove as proven

    check = proven(
        evaluation.tape,
        evaluation.output,
        evaluation.by,
        evaluation.found,
        kind="order" if evaluation.order else evaluation.kind,
        seed=evaluation.seed,
        steps=evaluation.steps,
        tangents=evaluation.tangents,
        seconds=session.limits.check,
    )
    if evaluation.order and evaluation.order > len(evaluation.steps) + 1:
        evaluation.notes.append(
            f"the check is of the derivatives to order {len(evaluation.steps) + 1}"
        )
    return check


def show(
    environment: Environment,
    session: Session,
    evaluation: Evaluation,
    check: Check | None,
    options: dict[str, Any],
) -> Status:
    """Write the result, then what a person should know; the verdict decides the status."""
    from gradcli.cli.system.writing import write_notes, write_result
    from gradcli.views.evaluation import verdict

    form = "json" if options["as_json"] else options["form"]
    write_result(environment, evaluation, session.warnings, check, form, options)
    if form != "json" and not options["quiet"]:
        if check is not None and form != "text":
            print(f"check {verdict(check, color=False)}", file=environment.stderr)
        write_notes(environment, evaluation, session.warnings, options["color"])
    if check is None or check.status in ("agrees", "skipped"):
        return Status.DONE
    return Status.DIFFERS if check.status == "differs" else Status.LIMIT
