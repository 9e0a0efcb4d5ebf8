"""What frameworks have and gradcli has not, and what else programs import: only errors ask."""

from __future__ import annotations

from importlib import import_module

PLOTS = "gradcli plot draws functions; leave the lines that draw out"
DATA = "there are no data sets here: make tensors, or pass NAME=@FILE to a command"
FILES = "scripts open no files; a command takes NAME=@FILE"
CLOCK = "scripts have no clock; leave the lines out"
SINGLE = "the shortest numbers are float32"
# Modules that tutorials import, and what stands for them here.
FOREIGN = {
    **dict.fromkeys(("matplotlib", "plotly", "pylab", "seaborn"), PLOTS),
    **dict.fromkeys(("datasets", "pandas", "sklearn", "torchaudio", "torchtext"), DATA),
    **dict.fromkeys(("glob", "io", "json", "os", "pathlib", "pickle", "sys", "zipfile"), FILES),
    **dict.fromkeys(("datetime", "time", "timeit"), CLOCK),
    **dict.fromkeys(("requests", "urllib"), "scripts reach no network"),
    "autograd": "grad(f), jacobian(f) and hessian(f) are there without an import",
    "IPython": "gradcli alone opens a prompt",
    "jax": "grad, vmap, jit-free: they are there without an import",
    "functorch": "write from torch.func import …",
    "scipy": "special functions are operations: gradcli ops lists them",
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
    "torch.cuda.amp": "everything runs on the cpu, in the precision that is asked for",
    "torch.utils.tensorboard": PLOTS,
    "torch.utils.data.Dataset": "TensorDataset(x, y), or a list of rows",
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
