"""Operations on whole matrices in C, as calls of functions that are written beside.

Where a matrix is singular, or is not positive definite and has no Cholesky factor, there is no
result: it is NAN throughout, and so is what is calculated from it.
"""

from __future__ import annotations

from gradcli.views.export.listing import Line
from gradcli.views.export.loops import (
    LOOPS,
    Shape,
    Statements,
    element,
    nested,
    place,
    statement,
)


def pointer(name: str, shape: Shape, core: int, batch: Shape) -> str:
    """To a matrix, or for a core of one axis a vector, of a batch of these lengths."""
    lead = len(shape) - core
    there = place(shape, [*LOOPS[len(batch) - lead : len(batch)], *"00"[:core]])
    return name if there == "0" else f"{name} + {there}"


def matrix(line: Line, batch: Shape) -> str:
    """The pointer to the first operand."""
    return pointer(line.operands[0], line.sources[0].shape, 2, batch)


@statement("solve")
def solution(line: Line) -> Statements:
    shape, right = line.value.shape, line.sources[1].shape
    core = min(2, len(right))
    batch = shape[: len(shape) - core]
    n, columns = line.sources[0].shape[-1], shape[-1] if core > 1 else 1
    b = pointer(line.operands[1], right, core, batch)
    x = pointer(line.name, shape, core, batch)
    return [";", *nested(batch, f"solve({n}, {columns}, {matrix(line, batch)}, {b}, {x});")]


def determinant_of(line: Line) -> str:
    n, batch = line.sources[0].shape[-1], line.value.shape
    return f"solve({n}, 0, {matrix(line, batch)}, 0, 0)"


@statement("det")
def determinant(line: Line) -> Statements:
    own = element(line.name, line.value.shape, LOOPS[: len(line.value.shape)])
    return [";", *nested(line.value.shape, f"{own} = {determinant_of(line)};")]


@statement("slogdet")
def sign_and_logarithm(line: Line) -> Statements:
    shape, call = line.value.shape, determinant_of(line)
    own = element(line.name, shape, LOOPS[: len(shape)])
    if line.value.part:
        return [";", *nested(shape, f"{own} = log(fabs({call}));")]
    sign = f"{own} = ({own} > 0) - ({own} < 0);"
    return [";", *nested(shape, f"{own} = {call};"), *nested(shape, sign)]


@statement("inv", "cofactor", "cholesky")
def of_a_matrix(line: Line) -> Statements:
    assert line.value.op is not None
    name = {"inv": "invert", "cofactor": "cofactors"}.get(line.value.op.name, line.value.op.name)
    shape = line.value.shape
    batch, x = shape[:-2], pointer(line.name, shape, 2, shape[:-2])
    return [";", *nested(batch, f"{name}({shape[-1]}, {matrix(line, batch)}, {x});")]


SOLVE = """\
/* Solve a x = b for m right sides, by elimination; x is NAN if a is singular. Return det(a). */
static double solve(int n, int m, const double *a, const double *b, double *x)
{
    double w[n * n], det = 1;
    for (int i = 0; i < n * n; i++) w[i] = a[i];
    for (int i = 0; i < n * m; i++) x[i] = b[i];
    for (int k = 0; k < n; k++) {
        int p = k;
        for (int i = k + 1; i < n; i++) if (fabs(w[i*n + k]) > fabs(w[p*n + k])) p = i;
        if (p != k) {
            det = -det;
            for (int j = 0; j < n; j++) {
                double t = w[k*n + j]; w[k*n + j] = w[p*n + j]; w[p*n + j] = t;
            }
            for (int j = 0; j < m; j++) {
                double t = x[k*m + j]; x[k*m + j] = x[p*m + j]; x[p*m + j] = t;
            }
        }
        det *= w[k*n + k];
        if (w[k*n + k] == 0) {
            for (int i = 0; i < n * m; i++) x[i] = NAN;
            return 0;
        }
        for (int i = k + 1; i < n; i++) {
            double f = w[i*n + k] / w[k*n + k];
            for (int j = k; j < n; j++) w[i*n + j] -= f * w[k*n + j];
            for (int j = 0; j < m; j++) x[i*m + j] -= f * x[k*m + j];
        }
    }
    for (int i = n - 1; i >= 0; i--)
        for (int j = 0; j < m; j++) {
            for (int k = i + 1; k < n; k++) x[i*m + j] -= w[i*n + k] * x[k*m + j];
            x[i*m + j] /= w[i*n + i];
        }
    return det;
}"""
INVERT = """static double invert(int n, const double *a, double *x)
{
    double one[n * n];
    for (int i = 0; i < n; i++) for (int j = 0; j < n; j++) one[i*n + j] = i == j;
    return solve(n, n, a, one, x);
}"""
COFACTORS = """/* det(a) times the inverse of a, transposed. */
static void cofactors(int n, const double *a, double *x)
{
    for (int r = 0; r < n; r++) for (int c = 0; c < n; c++) {
        double minor[n * n];
        for (int i = 0; i < n; i++) for (int j = 0; j < n; j++)
            minor[i*n + j] = i == r || j == c ? i == r && j == c : a[i*n + j];
        x[r*n + c] = solve(n, 0, minor, 0, 0);
    }
}"""
CHOLESKY = """\
/* The lower factor of the symmetric part of a; NAN if that is not positive definite. */
static void cholesky(int n, const double *a, double *x)
{
    for (int i = 0; i < n * n; i++) x[i] = 0;
    for (int i = 0; i < n; i++) for (int j = 0; j <= i; j++) {
        double s = (a[i*n + j] + a[j*n + i]) / 2;
        for (int k = 0; k < j; k++) s -= x[i*n + k] * x[j*n + k];
        if (i == j && s <= 0) {
            for (int k = 0; k < n * n; k++) x[k] = NAN;
            return;
        }
        x[i*n + j] = i == j ? sqrt(s) : s / x[j*n + j];
    }
}"""
# In the order of their definitions.
HELPERS = {"solve": SOLVE, "invert": INVERT, "cofactors": COFACTORS, "cholesky": CHOLESKY}
