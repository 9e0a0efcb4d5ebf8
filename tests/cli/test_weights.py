"""Weights on the command line: what scripts ask for, what they leave, and files that do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradcli.errors import Status
from gradcli.nn import weights

from .commands import gradcli

NET = """
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
"""
LOADED = NET + 'net.load_state_dict(torch.load("a name"))\n'
SHOWN = "print(net(torch.ones(1, 2)).item())\n"
RESNET = """
from torchvision.models import resnet18, ResNet18_Weights
net = resnet18({}, num_classes=3)
print(net.fc.bias.tolist())
"""


def run(text: str, *options: str | Path) -> tuple[str, str, int]:
    done = gradcli("run", "-", *map(str, options), stdin=text.encode())
    return done.stdout, done.stderr, done.status


@pytest.mark.parametrize("form", ["npz", "safetensors"])
def test_what_a_script_leaves_another_begins_with(form: str, tmp_path: Path) -> None:
    if form == "safetensors":
        pytest.importorskip("safetensors")
    file = tmp_path / f"weights.{form}"
    first, errors, status = run(NET + SHOWN, "--save-weights", file)
    assert (errors, status) == ("", Status.DONE)
    assert {*weights.load(file)} == {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert run(LOADED + SHOWN, "--weights", file) == (first, "", Status.DONE)
    assert run(NET + SHOWN, "--seed", "7")[0] != first
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_what_a_script_saves_is_what_is_written(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    saved = NET + 'torch.save(net[0].state_dict(), "a name")\n'
    assert run(saved, "--save-weights", file) == ("", "", Status.DONE)
    assert [*weights.load(file)] == ["weight", "bias"]
    _, warning, status = run(saved)
    assert "--save-weights" in warning and status == Status.DONE


def test_several_networks_have_their_names_in_front(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    more = NET + "first = net[0]\nother = nn.Linear(1, 1, bias=False)\nloss = nn.MSELoss()\n"
    assert run(more, "--save-weights", file)[1] == ""
    assert {name.partition(".")[0] for name in weights.load(file)} == {"net", "other"}


@pytest.mark.parametrize(
    "asking", ["pretrained=True", "True", "weights='DEFAULT'", "weights=ResNet18_Weights.DEFAULT"]
)
def test_a_network_that_is_said_to_be_trained(asking: str, tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    random, warning, status = run(RESNET.format(asking))
    assert "He-initialised" in warning and "--weights" in warning and status == Status.DONE
    change = "with torch.no_grad():\n    net.fc.bias.fill_(0.5)\n"
    run("import torch\n" + RESNET.format("weights=None") + change, "--save-weights", file)
    found, errors, status = run(RESNET.format(asking), "--weights", file)
    assert (found, errors, status) == ("[0.5, 0.5, 0.5]\n", "", Status.DONE)
    assert found != random


def test_every_misfit_is_named(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    wrong = {"0.weight": np.ones((3, 2)), "0.bias": np.ones(4), "2.wait": np.ones((1, 3))}
    np.savez(file, **wrong)  # type: ignore[arg-type]  # names are no options
    output, errors, status = run(LOADED + SHOWN, "--weights", file)
    assert (output, status) == ("", Status.RULE)
    for expected in ("'2.weight' is missing", "'2.bias' is missing", "'2.wait' is unexpected"):
        assert expected in errors
    assert "'0.bias' has shape (4,), the module needs (3,)" in errors


def test_weights_that_nothing_asks_for(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    np.savez(file, a=np.ones(1))
    _, errors, status = run(NET, "--weights", file)
    assert "nothing in the script asked for the weights" in errors and status == Status.DONE


def truncated(path: Path) -> None:
    np.savez(path, a=np.arange(1000.0))
    path.write_bytes(path.read_bytes()[:3000])


def damaged(path: Path) -> None:
    np.savez_compressed(path, a=np.zeros(1000))
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(20)
    path.write_bytes(content)


def objects(path: Path) -> None:
    np.savez(path, a=np.array([{}], object))


def words(path: Path) -> None:
    np.savez(path, a=np.array(["one"]))


def inflated(path: Path) -> None:
    np.savez_compressed(path, a=np.zeros(2 * 10**6))


UNREADABLE = {
    "nothing": (lambda path: None, "no such file", Status.FILE),
    "a directory": (Path.mkdir, "is a directory", Status.FILE),
    "empty": (Path.touch, "no whole file of weights", Status.FILE),
    "cut off": (truncated, "no whole file of weights", Status.FILE),
    "damaged": (damaged, "no whole file of weights", Status.FILE),
    "objects": (objects, "no whole file of weights", Status.FILE),
    "words": (words, "holds no numbers", Status.FILE),
    "more than memory": (inflated, "holds 15 mib, more than 1", Status.LIMIT),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_files_that_are_no_weights(name: str, tmp_path: Path) -> None:
    make, message, expected = UNREADABLE[name]
    file = tmp_path / "weights.npz"
    make(file)
    output, errors, status = run(LOADED, "--weights", file, "--limit", "memory=1500000")
    assert message in errors.lower() and (output, status) == ("", expected)


def test_places_that_cannot_be_written_are_refused_before_the_script_runs(tmp_path: Path) -> None:
    (tmp_path / "a.npz").mkdir()
    for place in ("b.txt", "missing/b.npz", "a.npz"):
        output, errors, status = run("print(1)", "--save-weights", tmp_path / place)
        assert (output, status) == ("", Status.FILE) and errors
    output, errors, status = run("print(1)", "--save-weights", tmp_path / "b.npz")
    assert (output, status) == ("1\n", Status.FILE) and "no network" in errors


def test_a_script_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"
    file.write_bytes(b"as it was")
    assert run(NET + "1/[1, 2; 3]\n", "--save-weights", file)[2] != Status.DONE
    assert file.read_bytes() == b"as it was"
    both = gradcli("run", "--save-weights", str(file), "a.grad", "b.grad")
    assert both.status == Status.USAGE


def test_text_opens_no_file() -> None:
    for call in ('torch.load("/etc/passwd")', "torch.load()"):
        _, errors, status = run(f"import torch\n{call}\n")
        assert "opens no file" in errors and status == Status.FILE
    _, errors, status = run("import torch\ntorch.save({'epoch': 3}, 'x')\n")
    assert "a dict of tensors" in errors and status == Status.RULE
