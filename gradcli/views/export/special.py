"""What special functions are called in scipy.special, torch.special and jax.scipy.special."""

from __future__ import annotations

# Of each row its names there; a dash where there is none.
NAMES = """
erf            erf           erf                          erf
erfc           erfc          erfc                         erfc
erfinv         erfinv        erfinv                       erfinv
erfcinv        erfcinv       -                            -
erfcx          erfcx         erfcx                        -
ndtr           ndtr          ndtr                         ndtr
ndtri          ndtri         ndtri                        ndtri
log_ndtr       log_ndtr      log_ndtr                     log_ndtr
logit          logit         logit                        logit
entr           entr          entr                         entr
digamma        digamma       digamma                      digamma
polygamma      polygamma     polygamma                    polygamma
lgamma         gammaln       gammaln                      gammaln
loggamma       loggamma      -                            -
gamma          gamma         -                            gamma
multigammaln   multigammaln  multigammaln                 multigammaln
beta           beta          -                            beta
lbeta          betaln        -                            betaln
gammainc       gammainc      gammainc                     gammainc
gammaincc      gammaincc     gammaincc                    gammaincc
betainc        betainc       -                            betainc
zeta           zeta          zeta                         zeta
exp1           exp1          -                            exp1
expi           expi          -                            expi
j0             j0            bessel_j0                    -
j1             j1            bessel_j1                    -
y0             y0            bessel_y0                    -
y1             y1            bessel_y1                    -
i0             i0            i0                           i0
i1             i1            i1                           i1
i0e            i0e           i0e                          i0e
i1e            i1e           i1e                          i1e
k0             k0            modified_bessel_k0           -
k1             k1            modified_bessel_k1           -
k0e            k0e           scaled_modified_bessel_k0    -
k1e            k1e           scaled_modified_bessel_k1    -
jv             jv            -                            -
yv             yv            -                            -
iv             iv            -                            -
kv             kv            -                            -
ive            ive           -                            -
kve            kve           -                            -
"""
MODULES = ("np", "torch", "jnp")
# The static parameter is the first argument of these, and the last of this; of the others it says
# how often the function is differentiated by what has no derivative there.
ORDER_FIRST = frozenset(("polygamma", "jv", "yv", "iv", "kv", "ive", "kve"))
ORDER_LAST = frozenset(("multigammaln",))


def names_in(module: str) -> dict[str, str]:
    """By row, how a function is called where numpy, PyTorch or JAX stand under these names."""
    at = 1 + MODULES.index(module)
    prefix = "torch.special." if module == "torch" else "special."
    rows = [line.split() for line in NAMES.strip().splitlines()]
    return {row[0]: prefix + row[at] for row in rows if row[at] != "-"}
