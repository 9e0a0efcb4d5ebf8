"""`torch.utils.data`: rows of tensors, in batches, in order or not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcli.engine.functions import FUNCTIONS as F
from gradcli.engine.mersenne import PyTorchGenerator
from gradcli.engine.tensor import Tensor
from gradcli.errors import ShapeMismatch, WrongType, WrongValue, described
from gradcli.lang.frameworks.generators import drawing
from gradcli.lang.frameworks.modules import admit
from gradcli.lang.frameworks.strictness import builtins_of
from gradcli.lang.numbers import NUMBERS
from gradcli.lang.operators import truth
from gradcli.lang.sequences import items_of
from gradcli.lang.tensors import as_index
from gradcli.lang.types.plain import item_of_sequence
from gradcli.lang.types.table import Type
from gradcli.lang.values import ITEMS, LISTS

if TYPE_CHECKING:
    from gradcli.lang.session import Session


# Options that say who loads the rows, and where to: here there is one way.
WORKERS = {
    *("num_workers", "persistent_workers", "pin_memory", "pin_memory_device", "prefetch_factor"),
    *("timeout", "worker_init_fn"),
}


class Rows:
    """Rows of tensors, or of a list: all of them, or those at some places."""

    def __init__(self, source: Any, places: Sequence[int] | None = None) -> None:
        self.source = source
        self.places = range(length(source)) if places is None else places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, at: int) -> Any:
        return self.batch([self.places[at]], one=True)

    def batch(self, places: list[int], *, one: bool = False) -> Any:
        """These rows, stacked; or the first of them."""
        if type(self.source) is list:
            rows = [self.source[k] for k in places]
            return rows[0] if one else collated(rows)
        index: Any = places[0] if one else Tensor(np.array(places, np.int64))
        parts = [tensor[index] for tensor in self.source]
        return tuple(parts) if one else parts


def length(source: Any) -> int:
    return len(source) if type(source) is list else int(source[0].shape[0])


def collated(rows: list[Any]) -> Any:
    """Rows of numbers and tensors as tensors with one axis more."""
    if type(rows[0]) in LISTS:
        return [collated(list(column)) for column in zip(*rows, strict=True)]
    if type(rows[0]) is Tensor:
        return F["stack"](rows)
    if type(rows[0]) in NUMBERS:
        return as_index(rows)
    raise WrongType(f"a batch is of tensors and numbers, not of {described(rows[0])}")


class Loader:
    """Batches of rows; in a new random order each time, if they are shuffled."""

    def __init__(self, session: Session, rows: Rows, size: int, shuffle: bool, drop: bool) -> None:
        self.session, self.rows, self.size = session, rows, size
        self.shuffle, self.drop = shuffle, drop
        self.generator: Any = None

    def __len__(self) -> int:
        whole, more = divmod(len(self.rows), self.size)
        return whole + (more > 0 and not self.drop)

    def __iter__(self) -> Iterator[Any]:
        order = self.order()
        for k in range(len(self)):
            yield self.rows.batch(order[k * self.size : (k + 1) * self.size])

    def order(self) -> list[int]:
        """PyTorch draws a number for the workers first, and then the seed of the order.

        From a generator of the loader's own the order itself is drawn.
        """
        with drawing(self.generator):
            return self.drawn(self.session.random)

    def drawn(self, numbers: Any) -> list[int]:
        places = self.rows.places
        if isinstance(numbers, PyTorchGenerator):
            numbers.spawned()
            own = self.generator is not None
            numbers = numbers.spawned() if self.shuffle and not own else numbers
        if not self.shuffle:
            return list(places)
        self.session.meter.charge(len(places) / 2)
        return [places[k] for k in numbers.permutation(len(places)).tolist()]


ROWS = Type(
    attributes={"tensors": lambda rows: tuple(rows.source), "indices": lambda rows: [*rows.places]},
    item=lambda rows, index: (
        item_of_sequence(ITEMS[Rows](rows), index)
        if type(index) is not int
        else one_row(rows, index)
    ),
)


def no_item(_loader: Loader, _index: Any) -> Any:
    raise WrongType("a data loader has batches, not items", hint="for batch in loader: …")


LOADER = Type(
    item=no_item,
    attributes={
        "batch_size": lambda loader: loader.size,
        "dataset": lambda loader: loader.rows,
        "drop_last": lambda loader: loader.drop,
    },
)


def one_row(rows: Rows, index: int) -> Any:
    item_of_sequence(rows.places, index)
    return rows[index]


def rows_of(dataset: Any) -> Rows:
    if type(dataset) is Rows:
        return dataset
    if type(dataset) is Tensor and dataset.ndim:
        return Rows(items_of(dataset))
    if type(dataset) is list and dataset:
        return Rows(dataset)
    raise WrongType(
        f"a data set is a TensorDataset or a list, not {described(dataset)}",
        hint="TensorDataset(x, y)",
    )


def tensor_dataset(*tensors: Any) -> Rows:
    if not tensors or any(type(x) is not Tensor or not x.ndim for x in tensors):
        raise WrongType("TensorDataset takes tensors with rows")
    if len({x.shape[0] for x in tensors}) > 1:
        raise ShapeMismatch("TensorDataset: the tensors have different numbers of rows")
    return Rows(tensors)


def subset(dataset: Any, indices: Any) -> Rows:
    rows = rows_of(dataset)
    places = [item_of_sequence(rows.places, k) for k in items_of(indices)]
    return Rows(rows.source, places)


def makers(session: Session) -> dict[str, Callable[..., Any]]:
    def loader(
        dataset: Any,
        batch_size: Any = 1,
        shuffle: Any = False,
        drop_last: Any = False,
        generator: Any = None,
        **options: Any,
    ) -> Loader:
        for name in {*options} - WORKERS:
            raise WrongType(f"DataLoader has no option '{name}' here")
        if type(batch_size) is not int or batch_size < 1:
            raise WrongValue("DataLoader: the batch_size is a positive integer")
        rows = rows_of(dataset)
        found = Loader(session, rows, batch_size, truth(shuffle), truth(drop_last))
        found.generator = generator
        return found

    def split(dataset: Any, lengths: Any, generator: Any = None) -> list[Rows]:
        rows, sizes = rows_of(dataset), items_of(lengths)
        if any(type(n) is float for n in sizes) and abs(sum(sizes) - 1) < 1e-6:
            sizes = parts_of(len(rows), sizes)
        if any(type(n) is not int or n < 0 for n in sizes) or sum(sizes) != len(rows):
            raise WrongValue(f"random_split: the lengths add up to {len(rows)}, or to 1.0")
        with drawing(generator):
            order = session.random.permutation(len(rows)).tolist()
        ends = np.cumsum([0, *sizes]).tolist()
        return [subset(rows, order[a:b]) for a, b in itertools.pairwise(ends)]

    return {
        "DataLoader": loader,
        "Subset": subset,
        "TensorDataset": tensor_dataset,
        "random_split": split,
    }


def parts_of(count: int, shares: list[Any]) -> list[int]:
    """Whole numbers of rows; what is left over goes to the first parts, one each."""
    sizes = [int(count * share) for share in shares]
    for k in range(count - sum(sizes)):
        sizes[k % len(sizes)] += 1
    return sizes


admit(Rows, "data set", ROWS)
admit(Loader, "data loader", LOADER)
ITEMS[Rows] = lambda rows: [rows[k] for k in range(len(rows))]
ITEMS[Loader] = lambda loader: loader  # which has a length


def data_names(session: Session) -> dict[str, Any]:
    return builtins_of("torch.utils.data", makers(session))
