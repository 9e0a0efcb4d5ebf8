"""Products of labelled tensors as products of matrices.

Vectors are multiplied into matrices first, then matrices into chains; what is left has only the
labels of the result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from gradcli.lang.syntax import Binary, Expression, Index, Prime, Slice, Tuple
from gradcli.proof.closed.items import (
    Item,
    chained,
    divided,
    gathered,
    is_base,
    is_size,
    place_of,
    product,
    quotient,
    scaled_columns,
    together,
)
from gradcli.proof.closed.terms import EYE, UNIT, NoFormula, Poly
from gradcli.proof.closed.trees import (
    NOWHERE,
    call,
    column,
    powered,
    prime,
)

ALL = Slice(None, None, None, NOWHERE)


class Network:
    """The factors of one term, contracted step by step until only the result's labels are left."""

    def __init__(self, coefficient: Fraction, items: Sequence[Item]) -> None:
        self.coefficient = coefficient
        self.scalars = [item for item in items if not item.labels]
        self.scalars.sort(key=lambda item: not is_base(item, "pi"))  # pi stands first
        self.items = [item for item in items if item.labels]
        self.lengths = {
            n: length
            for item in items
            if item.base is not None
            for n, length in zip(item.labels, item.base.dims, strict=True)
        }
        # Transposes of these are themselves.
        self.symmetric = [x.chain[0] for x in self.items if x.base is not None and x.base.symmetric]

    def tree(self) -> Expression:
        steps = (
            self.taken,
            self.traced,
            self.dot,
            self.vector_into_matrix,
            self.vectors_together,
            self.summed_vector,
            self.matrices_together,
            self.matrix_into_matrix,
            self.summed_matrix,
            self.vector_between,
            self.scaled,
        )
        while any(step() for step in steps):
            pass
        return self.assembled()

    def count(self, label: int) -> int:
        return sum(label in item.labels for item in self.items) + (label >= 0)

    def turned(self, item: Item) -> Item:
        """The transpose: of a chain, the transposes in the other order."""
        chain = [
            tree if any(tree is one for one in self.symmetric) else prime(tree)
            for tree in reversed(item.chain)
        ]
        return Item(chain, item.labels[::-1], below=item.below, base=item.base)

    def replace(self, old: Sequence[Item], new: Item) -> bool:
        at = self.items.index(old[0])
        self.items = [item for item in self.items if item not in old]
        if new.labels:
            self.items.insert(min(at, len(self.items)), new)
        else:
            self.scalars.append(new)
        return True

    def vectors(self) -> list[Item]:
        return [item for item in self.items if len(item.labels) == 1]

    def matrices(self) -> list[Item]:
        return [item for item in self.items if len(item.labels) == 2]

    # ---- steps: each does one thing, or nothing -------------------------------------------------

    def taken(self) -> bool:
        """The product with a row of the identity is an element, a row or a column."""
        units = {
            unit.labels[0]: unit
            for unit in self.vectors()
            if is_base(unit, UNIT) and unit.labels[0] < 0 and self.count(unit.labels[0]) == 2
        }
        for other in self.items:
            taken = [units[i] for i in other.labels if i in units]
            if not taken or is_base(other, UNIT) or len(set(other.labels)) != len(other.labels):
                continue
            places = [place_of(units[i]) if i in units else ALL for i in other.labels]
            place = places[0] if places[1:] in ([], [ALL]) else Tuple(places, NOWHERE)
            labels = tuple(n for n in other.labels if n not in units)
            part = Item([Index(other.tree, place, NOWHERE)], labels, below=other.below)
            return self.replace([other, *taken], part)
        return False

    def traced(self) -> bool:
        """M_ii is a trace, or a diagonal if the label is used elsewhere."""
        for m in self.matrices():
            i, j = m.labels
            if i == j:
                if i < 0 and self.count(i) == 1:
                    return self.replace([m], Item([call("trace", m.tree)], (), below=m.below))
                return self.replace([m], Item([call("diag", m.tree)], (i,), below=m.below))
        return False

    def dot(self) -> bool:
        """u_i v_i, summed."""
        for u in self.vectors():
            (i,) = u.labels
            if i >= 0 or self.count(i) != 2:
                continue
            for v in self.vectors():
                if v is not u and v.labels == u.labels and not (u.below or v.below):
                    if len(v.chain) > 1 and len(u.chain) == 1:
                        pair = [prime(u.tree), *v.chain]
                    elif len(u.chain) > 1 and len(v.chain) == 1:
                        pair = [prime(v.tree), *u.chain]
                    else:
                        pair = [*self.turned(u).chain, *v.chain]
                    return self.replace([u, v], Item(pair, ()))
        return False

    def vector_into_matrix(self) -> bool:
        """M_ij v_j and M_ji v_j, summed over a label that nothing else has."""
        for v in self.vectors():
            (j,) = v.labels
            if j >= 0 or self.count(j) != 2 or v.below:
                continue
            for m in self.matrices():
                if j in m.labels and not m.below and m.labels[0] != m.labels[1]:
                    left = m if m.labels[1] == j else self.turned(m)
                    return self.replace([m, v], Item([*left.chain, *v.chain], left.labels[:1]))
        return False

    def vectors_together(self) -> bool:
        """u_i v_i, elementwise."""
        for u in self.vectors():
            for v in self.vectors():
                if v is not u and v.labels == u.labels:
                    return self.replace([u, v], together(u, v))
        return False

    def summed_vector(self) -> bool:
        for v in self.vectors():
            (i,) = v.labels
            if i < 0 and self.count(i) == 1:
                return self.replace([v], Item([self.total(v)], ()))
        return False

    def total(self, item: Item, axis: int | None = None) -> Expression:
        """The sum along an axis or all, or the mean if it is divided by their lengths; the sum of
        squares as that of a norm."""
        labels = item.labels if axis is None else (item.labels[axis],)
        lengths = [self.lengths[n] for n in labels if n in self.lengths]
        square = item.base if item.power == 2 and not item.below else None
        if len(lengths) == len(labels) and self.divided_by(lengths):
            return call("mean", divided(item), axis=axis)
        if isinstance(square, Poly) and axis is None:
            (tree,) = item.chain
            assert isinstance(tree, Binary)
            return powered(call("norm", tree.left), item.power)
        return call("sum", divided(item), axis=axis)

    def divided_by(self, lengths: Sequence[int]) -> bool:
        """Take these lengths from what everything is divided by, if all are there."""
        found: list[Item] = []
        for n in lengths:
            of_length = (s for s in self.scalars if s.below and s not in found and is_size(s, n))
            size = next(of_length, None)
            if size is None:
                return False
            found.append(size)
        for size in found:
            self.scalars.remove(size)
            if size.power > 1:
                (tree,) = size.chain
                assert isinstance(tree, Binary)
                chain = [powered(tree.left, size.power - 1)]
                less = Item(chain, (), below=True, base=size.base, power=size.power - 1)
                self.scalars.append(less)
        return True

    def matrices_together(self) -> bool:
        """A_ij B_ij, and A_ij B_ji as a trace where that is all."""
        for a in self.matrices():
            for b in self.matrices():
                if b is a or set(a.labels) != set(b.labels):
                    continue
                i, j = a.labels
                alone = max(i, j) < 0 and self.count(i) == self.count(j) == 2
                if alone and a.labels == b.labels[::-1] and not (a.below or b.below):
                    return self.replace(
                        [a, b], Item([call("trace", chained(a.chain + b.chain))], ())
                    )
                other = b if a.labels == b.labels else self.turned(b)
                if alone and not (a.below or b.below) and self.primes(a) < 0:
                    chain = self.turned(a).chain + b.chain
                    return self.replace([a, b], Item([call("trace", chained(chain))], ()))
                return self.replace([a, b], together(a, other))
        return False

    def matrix_into_matrix(self) -> bool:
        """A_ij B_jk, summed over a label that nothing else has."""
        for a in self.matrices():
            for b in self.matrices():
                for j in set(a.labels) & set(b.labels):
                    if b is a or j >= 0 or self.count(j) != 2 or a.below or b.below:
                        continue
                    left = a if a.labels[1] == j else self.turned(a)
                    right = b if b.labels[0] == j else self.turned(b)
                    labels = (left.labels[0], right.labels[1])
                    return self.replace([a, b], Item(left.chain + right.chain, labels))
        return False

    def summed_matrix(self) -> bool:
        """Over one label that nothing else has, or over both."""
        for m in self.matrices():
            lonely = [axis for axis, i in enumerate(m.labels) if i < 0 and self.count(i) == 1]
            if len(lonely) == 2:
                return self.replace([m], Item([self.total(m)], ()))
            if lonely:
                (axis,) = lonely
                return self.replace([m], Item([self.total(m, axis)], (m.labels[1 - axis],)))
        return False

    def vector_between(self) -> bool:
        """A_ij v_j B_jk: the columns of A are scaled."""
        for v in self.vectors():
            (j,) = v.labels
            if j >= 0:
                continue
            for m in self.matrices():
                if j in m.labels and not m.below and not is_base(m, EYE):
                    left = m if m.labels[1] == j else self.turned(m)
                    return self.replace([m, v], scaled_columns(left, v))
        return False

    def scaled(self) -> bool:
        """Rows or columns by a vector with a label of the result."""
        for v in self.vectors():
            (i,) = v.labels
            for m in self.matrices():
                if i not in m.labels or i < 0:
                    continue
                if is_base(m, EYE):
                    return self.replace([m, v], Item([call("diag", divided(v))], m.labels))
                if m.labels[1] == i:
                    return self.replace([m, v], scaled_columns(m, v))
                tree = column(v.tree)
                if v.below or m.below:
                    return self.replace([m, v], together(m, Item([tree], m.labels, below=v.below)))
                scaling = call("diag", v.tree)
                return self.replace([m, v], Item([scaling, *m.chain], m.labels))
        return False

    def primes(self, a: Item) -> int:
        """How many more transposes trace(A' B) takes than sum(A * B)."""
        return sum(
            isinstance(new, Prime) - isinstance(old, Prime)
            for new, old in zip(self.turned(a).chain, reversed(a.chain), strict=True)
        )

    # ---- the result -----------------------------------------------------------------------------

    def assembled(self) -> Expression:
        labels = Counter(n for item in self.items for n in item.labels)
        if any(n < 0 or count > 1 for n, count in labels.items()):
            raise NoFormula("it is no product of matrices and vectors")
        scalars = gathered(self.scalars)
        above = [s.chain for s in scalars if not s.below]
        below = [s.tree for s in scalars if s.below]
        chain: list[Expression] = []
        if len(self.items) == 2:
            u, v = sorted(self.items, key=lambda item: item.labels)
            if u.below or v.below:
                raise NoFormula("it divides an outer product")
            chain = [call("outer", u.tree, v.tree)]
        elif self.items:
            (item,) = self.items
            if item.labels == (1, 0):
                item = self.turned(item)
            if item.below:
                below.append(item.tree)
            else:
                chain = item.chain
        return quotient(
            product(self.coefficient, above, chain, bool(below)), below, self.coefficient
        )
