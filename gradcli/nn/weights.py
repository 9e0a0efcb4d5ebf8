"""Weights in files: .npz, which numpy reads, and .safetensors."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from gradcli.engine.tensor import Tensor
from gradcli.errors import FileError, WrongValue
from gradcli.nn.module import Mismatch, Module

SUFFIXES = (".npz", ".safetensors")


def save(state: Module | Mapping[str, Any], path: str | PathLike[str]) -> None:
    """Write a module's state, or a dict of tensors, in the format of the path's suffix."""
    file, form = Path(path), suffix(path)
    tensors = state.state_dict() if isinstance(state, Module) else state
    arrays = {name: np.asarray(getattr(x, "value", x), order="C") for name, x in tensors.items()}
    try:
        if form == ".npz":
            with file.open("wb") as stream:
                np.savez(stream, **arrays)  # type: ignore[arg-type]  # names are the state's
        else:
            safetensors().save_file(arrays, file)
    except OSError as error:
        raise FileError(f"{file}: cannot be written: {error.strerror}") from None


def load(path: str | PathLike[str]) -> dict[str, Tensor]:
    """The tensors in a file, by name. Nothing in it is run."""
    file, form = Path(path), suffix(path)
    try:
        if form == ".npz":
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        else:
            arrays = safetensors().load_file(file)
    except OSError as error:
        raise FileError(f"{file}: cannot be read: {error.strerror or error}") from None
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise FileError(f"{file}: is no file of weights") from None
    return {name: Tensor(array) for name, array in arrays.items()}


def restore(module: Module, path: str | PathLike[str], strict: bool = True) -> Mismatch:
    """Load a file into a module; an error names everything that does not fit."""
    return module.load_state_dict(load(path), strict)


def suffix(path: str | PathLike[str]) -> str:
    found = Path(path).suffix
    if found not in SUFFIXES:
        raise WrongValue(f"weights are kept in {' or '.join(SUFFIXES)} files, not in '{found}'")
    return found


def safetensors() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError:
        raise FileError(
            "safetensors is not installed", hint="pip install 'gradcli[weights]'"
        ) from None
