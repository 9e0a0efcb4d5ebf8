"""What frameworks have and gradcli has not, and what else programs import: only errors ask."""

from __future__ import annotations

from importlib import import_module

PLOTS = "gradcli plot draws functions; leave the lines that draw out"
DATA = "there are no data sets here: make tensors, or pass NAME=@FILE to a command"
FILES = "scripts open no files; a command takes NAME=@FILE"
CLOCK = "scripts have no clock; leave the lines out"
SINGLE = "the shortest numbers are float32: x.float(), or dtype=torch.float32"
PRECISION = "leave it out: everything runs on the cpu, in the precision that is asked for"
# Modules that tutorials import, and what stands for them here.
FOREIGN = {
    **dict.fromkeys(("matplotlib", "plotly", "pylab", "seaborn"), PLOTS),
    **dict.fromkeys(("datasets", "pandas", "sklearn", "torchaudio", "torchtext"), DATA),
    **dict.fromkeys(("glob", "io", "json", "os", "pathlib", "pickle", "sys", "zipfile"), FILES),
    **dict.fromkeys(("datetime", "time", "timeit"), CLOCK),
    **dict.fromkeys(
        ("abc", "dataclasses", "enum"), "classes are based on nn.Module; dicts hold fields"
    ),
    **dict.fromkeys(("argparse", "logging"), "write the values as variables, and print"),
    **dict.fromkeys(("itertools", "operator"), "write a loop or a comprehension"),
    "gym": DATA,
    "gymnasium": DATA,
    "unicodedata": "leave it out",
    **dict.fromkeys(("requests", "urllib"), "scripts reach no network"),
    "autograd": "grad(f), jacobian(f) and hessian(f) are there without an import",
    "IPython": "gradcli alone opens a prompt",
    "jax": "grad, vmap, jit-free: they are there without an import",
    "functorch": "write from torch.func import …",
    "scipy": "special functions are operations: gradcli ops lists them",
    "string": "write the letters out: letters = 'abcdefghijklmnopqrstuvwxyz'",
    "sympy": "gradcli diff gives derivatives as formulas",
    "tensorboard": PLOTS,
    "tensorflow": "import torch, oneflow, mindspore or numpy",
    "torchsummary": "print(net) shows a network",
    "torchviz": "gradcli graph draws what was calculated",
    "typing": "types are not annotated: leave the line out",
    "warnings": "warnings go to stderr: leave the line out",
}
# Parts of a framework that no script can have, as above.
PARTS = {
    **dict.fromkeys(("torch.bfloat16", "torch.float16", "torch.half"), SINGLE),
    "torch.compile": "leave it out: it only makes programs faster",
    "torch.Tensor.half": SINGLE,
    "mindspore.dataset": DATA,
    "torch.utils.tensorboard": PLOTS,
    **dict.fromkeys(
        ("torch.utils.data.Dataset", "torch.utils.data.IterableDataset"),
        "write rows = TensorDataset(x, y), or a list of them: rows = [(x, y), …]",
    ),
    **dict.fromkeys(("torch.amp", "torch.autocast", "torch.cuda.amp"), PRECISION),
    **dict.fromkeys(("torch.autograd.profiler", "torch.profiler"), CLOCK),
    **dict.fromkeys(
        ("torch.jit", "torch.fx", "torch.onnx"), "leave it out: programs run as they are"
    ),
    **dict.fromkeys(("torch.distributed", "torch.multiprocessing"), "there is one process"),
    "torch.nn.DataParallel": "leave it out: everything runs on the cpu",
    "torch.autograd.function.once_differentiable": "leave it out",
    "torch.optim.swa_utils": "keep means in a dict of tensors by name",
    "torchvision.datasets": DATA,
    "torchvision.io": DATA,
    "torchvision.transforms": DATA,
    "torchvision.utils": PLOTS,
}
ALIKE = {"oneflow": "torch"}  # whose names are another's


def has(path: str, name: str) -> bool:
    """Whether the framework has this name at a path such as torch.nn, where gradcli lacks it."""
    root, _, rest = path.partition(".")
    framework = ALIKE.get(root, root)
    if framework not in ("mindspore", "numpy", "torch"):
        return False
    names = import_module(f"{__name__}.{framework}").NAMES
    there = names.get(f"{framework}.{rest}" if rest else framework, "")
    return name in there.split()


def instead(path: str) -> str | None:
    """What to do without a module or a name that cannot be had."""
    return PARTS.get(path) or FOREIGN.get(path.partition(".")[0])
