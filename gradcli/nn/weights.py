"""Weights in files: .npz, which numpy reads, and .safetensors."""

from __future__ import annotations

import importlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from gradcli.engine.tensor import Tensor
from gradcli.errors import FileError, LimitExceeded
from gradcli.nn.module import Mismatch, Module

SUFFIXES = (".npz", ".safetensors")


def save(state: Module | Mapping[str, Any], path: str | PathLike[str]) -> None:
    """Write a module's state, or a dict of tensors or arrays, in the format of the path's suffix.

    What the file held before stays until the new one is whole.
    """
    file, form = Path(path), suffix(path)
    tensors = state.state_dict() if isinstance(state, Module) else state
    arrays = {name: np.asarray(getattr(x, "value", x), order="C") for name, x in tensors.items()}
    write = importlib.import_module("safetensors.numpy").save_file if form != ".npz" else savez
    try:
        number, temporary = tempfile.mkstemp(dir=file.parent, prefix=".gradcli-", suffix=form)
        os.close(number)
        try:
            write(arrays, temporary)
            Path(temporary).chmod(permissions(file))
            Path(temporary).replace(file)
        finally:
            with suppress(FileNotFoundError):  # it has its place
                Path(temporary).unlink()
    except OSError as error:
        raise FileError(f"cannot write '{file}': {error.strerror}") from None


def savez(arrays: Mapping[str, Any], path: str) -> None:
    """As numpy does, whatever the names are: its function has some of its own."""
    with zipfile.ZipFile(path, "w", allowZip64=True) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


def permissions(file: Path) -> int:
    """Those that the file has, or that a new one gets."""
    with suppress(FileNotFoundError):
        return file.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def load(path: str | PathLike[str], most: float = float("inf")) -> dict[str, Tensor]:
    """The tensors in a file, of at most so many bytes, by name. Nothing in it is run."""
    return {name: Tensor(array[()]) for name, array in arrays_in(Path(path), most).items()}


def arrays_in(file: Path, most: float) -> dict[str, np.ndarray[Any, Any]]:
    form = suffix(file)
    try:
        if not file.is_file():
            file.open("rb").close()  # which says what is wrong
        arrays = unzipped(file, most) if form == ".npz" else safetensors_in(file, most)
    except OSError as error:
        raise FileError(f"cannot read '{file}': {error.strerror or error}") from None
    except (ValueError, TypeError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        raise FileError(f"'{file}' is no whole file of weights") from None
    for name, array in arrays.items():
        if array.dtype.kind not in "fciub":
            raise FileError(f"'{file}': '{name}' holds no numbers, but {array.dtype}")
    return arrays


def unzipped(file: Path, most: float) -> dict[str, np.ndarray[Any, Any]]:
    with zipfile.ZipFile(file) as archive:
        check_size(file, sum(each.file_size for each in archive.infolist()), most)
    with np.load(file, allow_pickle=False) as content:
        return {name: content[name] for name in content.files}


def safetensors_in(file: Path, most: float) -> dict[str, np.ndarray[Any, Any]]:
    package = safetensors()
    check_size(file, file.stat().st_size, most)
    try:
        found: dict[str, np.ndarray[Any, Any]] = package.load_file(file)
    except importlib.import_module("safetensors").SafetensorError:
        raise ValueError from None
    return found


def check_size(file: Path, size: int, most: float) -> None:
    if size > most:
        raise LimitExceeded(
            f"'{file}' holds {size >> 20} MiB, more than {int(most) >> 20}", limit="memory"
        )


def restore(module: Module, path: str | PathLike[str], strict: bool = True) -> Mismatch:
    """Load a file into a module; an error names everything that does not fit."""
    return module.load_state_dict(load(path), strict)


def suffix(path: str | PathLike[str]) -> str:
    """The form of a file of weights, by its name; FileError if that is none, or not installed."""
    found = Path(path).suffix.lower()
    if found not in SUFFIXES:
        raise FileError(
            f"'{path}' is not named as a file of weights", hint=f"FILE{' or FILE'.join(SUFFIXES)}"
        )
    if found == ".safetensors":
        safetensors()
    return found


def safetensors() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError:
        raise FileError(
            "safetensors files are read and written by a package that is not installed",
            hint="pip install 'gradcli[weights]'",
        ) from None
