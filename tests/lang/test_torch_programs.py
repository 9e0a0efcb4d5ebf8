"""Small programs that use PyTorch as its tutorials do, and what they print under PyTorch 2.13."""

from __future__ import annotations

import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradcli.errors import GradcliError, Status, WrongGradient
from gradcli.lang.session import Session
from gradcli.lang.source import Source

CASES = Path(__file__).parents[1] / "cases" / "torch_programs.txt"
BEGIN = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n"
CUBE = """
class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, factor):
        ctx.save_for_backward(x)
        ctx.factor = factor
        return factor * x ** 3
    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        assert ctx.needs_input_grad[0] and not ctx.needs_input_grad[1]
        return g * ctx.factor * 3 * x ** 2, None
"""
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(2, 3), nn.Linear(3, 1)
    def forward(self, x):
        return self.last(torch.tanh(self.first(x)))
torch.manual_seed(3)
net = Net()
x = torch.tensor([[1., -1.], [0.5, 2.]])
"""

PROGRAMS = {
    "shapes are torch.Size": (
        "x = torch.zeros(2, 3)\nn, m = x.shape\n"
        "print(x.shape, x.size(), x.shape[1:], x.shape == (2, 3), x.shape + (n,), tuple(x.shape))\n"
        "print(f'{x.shape}', torch.ones(x.shape).sum(), [k for k in x.shape], x.shape.numel())",
        "torch.Size([2, 3]) torch.Size([2, 3]) torch.Size([3]) True torch.Size([2, 3, 2]) (2, 3)\n"
        "torch.Size([2, 3]) tensor(6.) [2, 3] 6\n",
    ),
    "random numbers are those of the seed": (
        "torch.manual_seed(7)\nprint(torch.rand(2), torch.randn(3), torch.randn(2))\n"
        "print(torch.randn(17)[-2:], torch.randint(0, 9, (4,)), torch.randperm(5))\n"
        "print(torch.rand(2, dtype=torch.float64), nn.Linear(2, 2).weight)\n"
        "print(torch.normal(1., 2., (2,)), torch.bernoulli(torch.full((4,), 0.5)), torch.rand(1))",
        "tensor([0.5349, 0.1988]) tensor([-0.2952,  1.9685, -1.2514]) tensor([-1.8841,  0.4457])\n"
        "tensor([-0.2501,  0.5011]) tensor([2, 8, 1, 3]) tensor([4, 0, 2, 3, 1])\n"
        "tensor([0.1093, 0.9923], dtype=torch.float64) Parameter containing:\n"
        "tensor([[ 0.3130, -0.0829],\n"
        "        [ 0.0778,  0.1924]], requires_grad=True)\n"
        "tensor([-0.4137,  1.8459]) tensor([0., 0., 1., 0.]) tensor([0.2259])\n",
    ),
    "modules: rows, replaced, sliced, copied": (
        "import copy\nnet = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))\n"
        "net[-1] = nn.Linear(3, 4)\nprint(net[1:], len(net))\n"
        "other = copy.deepcopy(net)\nother[0].weight.data.zero_()\n"
        "print((net[0].weight == 0).any(), other[0].weight.sum())\n"
        "print(nn.ModuleList([nn.ReLU(), nn.ReLU()]))\n"
        "print([name for name, p in net.named_parameters() if p.dim() > 1])",
        "Sequential(\n  (1): ReLU()\n  (2): Linear(in_features=3, out_features=4, bias=True)\n) 3\n"
        "tensor(False) tensor(0., grad_fn=<SumBackward0>)\n"
        "ModuleList(\n  (0-1): 2 x ReLU()\n)\n['0.weight', '2.weight']\n",
    ),
    "a Function with an option, twice differentiated and checked": (
        f"{CUBE}x = torch.tensor([1., 2.], dtype=torch.float64, requires_grad=True)\n"
        "y = Cube.apply(x, 2.0)\ng, = torch.autograd.grad(y.sum(), x, create_graph=True)\n"
        "print(g, torch.autograd.grad(g.sum(), x)[0])\n"
        "print(torch.autograd.gradcheck(lambda t: Cube.apply(t, 2.0), x))\n"
        "print(torch.autograd.gradgradcheck(lambda t: Cube.apply(t, 2.0), (x,)))",
        "tensor([ 6., 24.], dtype=torch.float64, grad_fn=<MulBackward0>) "
        "tensor([12., 24.], dtype=torch.float64)\nTrue\nTrue\n",
    ),
    "parameters in a dict": (
        f"{NET}from torch.func import functional_call, grad, jacrev, vmap\n"
        "params = {name: p.detach() for name, p in net.named_parameters()}\n"
        "def loss(params, row):\n    return functional_call(net, params, (row,)).pow(2).sum()\n"
        "each = vmap(grad(loss), in_dims=(None, 0))(params, x)\n"
        "print(each['last.bias'].shape, list(each))\n"
        "whole = grad(loss)(params, x)\n"
        "print(torch.allclose(each['first.weight'].sum(0), whole['first.weight']))\n"
        "print(jacrev(lambda p: p['a'] ** 2)({'a': torch.tensor([1., 3.])}))",
        "torch.Size([2, 1]) ['first.weight', 'first.bias', 'last.weight', 'last.bias']\nTrue\n"
        "{'a': tensor([[2., 0.],\n        [0., 6.]])}\n",
    ),
    "transforms of trees": (
        "from torch.func import grad, jvp, vjp, vmap\nx = torch.tensor([1., 2.])\n"
        "print(grad(lambda p: (p[0] * p[1]).sum())((x, x + 1)))\n"
        "print(jvp(lambda t: (t * 2, t.sum()), (x,), (torch.ones(2),)))\n"
        "out, pull = vjp(lambda t: {'a': t * 2, 'b': t.sum()}, x)\n"
        "print(pull({'a': torch.ones(2), 'b': torch.tensor(1.)}))\n"
        "print(vmap(lambda t: {'s': t.sum()}, in_dims=1)(torch.ones(2, 3)))\n"
        "print(vmap(lambda t: t * 2, out_dims=1)(torch.eye(2)).shape)",
        "(tensor([2., 3.]), tensor([1., 2.]))\n"
        "((tensor([2., 4.]), tensor(3.)), (tensor([2., 2.]), tensor(2.)))\n"
        "(tensor([3., 3.]),)\n{'s': tensor([2., 2., 2.])}\ntorch.Size([2, 2])\n",
    ),
    "dual tensors": (
        "import torch.autograd.forward_ad as fw\nx = torch.tensor([1., 2.])\n"
        "with fw.dual_level():\n    d = fw.make_dual(x, torch.tensor([1., 0.5]))\n"
        "    y = (d ** 2).sin()\n    print(fw.unpack_dual(y).tangent)\n"
        "    print(fw.unpack_dual(x * 2).tangent)\nprint(fw.unpack_dual(y).tangent)",
        "tensor([ 1.0806, -1.3073])\nNone\nNone\n",
    ),
    "hooks of modules": (
        f"{NET}seen = {{}}\n"
        "handle = net.first.register_forward_hook(lambda m, i, o: seen.update(out=o.shape))\n"
        "net.register_forward_pre_hook(lambda m, args: (args[0] * 2,))\n"
        "net.last.register_full_backward_hook(\n"
        "    lambda m, gi, go: print(gi[0].shape, go[0].shape))\n"
        "y = net(x)\nprint(seen, torch.allclose(y, net.forward(2 * x)))\n"
        "handle.remove()\ny.sum().backward()",
        "{'out': torch.Size([2, 3])} True\ntorch.Size([2, 3]) torch.Size([2, 1])\n",
    ),
    "batches of rows": (
        "from torch.utils.data import DataLoader, TensorDataset, random_split\n"
        "torch.manual_seed(0)\nrows = TensorDataset(torch.arange(6.), torch.arange(6))\n"
        "for x, y in DataLoader(rows, batch_size=4, shuffle=True):\n    print(x, y)\n"
        "print(len(rows), rows[2], len(DataLoader(rows, 4, drop_last=True)))\n"
        "a, b = random_split(rows, [4, 2])\nprint(len(a), [int(y) for _, y in b])\n"
        "for batch in DataLoader([1, 2, 3], batch_size=2):\n    print(batch)",
        "tensor([0., 4., 3., 5.]) tensor([0, 4, 3, 5])\n"
        "tensor([2., 1.]) tensor([2, 1])\n"
        "6 (tensor(2.), tensor(2)) 1\n"
        "4 [2, 3]\n"
        "tensor([1, 2])\n"
        "tensor([3])\n",
    ),
    "clipping": (
        "w = torch.tensor([3., 4.], requires_grad=True)\n(w * w).sum().backward()\n"
        "print(nn.utils.clip_grad_norm_([w], 1.0), w.grad)\n"
        "nn.utils.clip_grad_value_([w], 0.7)\nprint(w.grad)\n"
        "print(nn.utils.parameters_to_vector([w, w]).shape)",
        "tensor(10.) tensor([0.6000, 0.8000])\ntensor([0.6000, 0.7000])\ntorch.Size([4])\n",
    ),
    "print options": (
        "x = torch.tensor([1e-5, 1.0])\ntorch.set_printoptions(sci_mode=False)\nprint(x)\n"
        "torch.set_printoptions(precision=2, threshold=4, edgeitems=1)\nprint(torch.arange(9.))\n"
        "torch.set_printoptions(profile='default', sci_mode=None)\nprint(x)",
        "tensor([0.0000, 1.0000])\ntensor([0.,  ..., 8.])\ntensor([1.0000e-05, 1.0000e+00])\n",
    ),
    "operands by name": (
        "a, b = torch.tensor([1., 2.]), torch.tensor([3., 5.])\n"
        "print(torch.add(input=a, other=b, alpha=2), torch.cat(tensors=[a, b], dim=0))\n"
        "print(F.mse_loss(input=a, target=b), nn.L1Loss()(input=a, target=b))\n"
        "print(torch.where(condition=a > 1, input=a, other=b), torch.mean(input=a, dim=0))",
        "tensor([ 7., 12.]) tensor([1., 2., 3., 5.])\ntensor(6.5000) tensor(2.5000)\n"
        "tensor([3., 2.]) tensor(1.5000)\n",
    ),
    "double precision all the way": (
        "torch.set_printoptions(precision=17)\nd = torch.float64\n"
        "print(torch.tensor([-1.2, 0.1], dtype=d), torch.full((), 0.1, dtype=d))\n"
        "print(torch.arange(0, 0.5, 0.1, dtype=d)[3], torch.logspace(0, 1, 3, dtype=d)[1])\n"
        "print(torch.DoubleTensor([0.1]), torch.zeros(1, dtype=d).fill_(0.1).item())",
        "tensor([-1.19999999999999996,  0.10000000000000001], dtype=torch.float64) "
        "tensor(0.10000000000000001, dtype=torch.float64)\n"
        "tensor(0.30000000000000004, dtype=torch.float64) "
        "tensor(3.16227766016837952, dtype=torch.float64)\n"
        "tensor([0.10000000000000001], dtype=torch.float64) 0.1\n",
    ),
    "a closure for L-BFGS": (
        "w = torch.tensor([3., -2.], requires_grad=True)\n"
        "optimizer = torch.optim.LBFGS([w], lr=0.5)\n"
        "def closure():\n    optimizer.zero_grad()\n"
        "    loss = (w ** 4).sum() + w.prod() ** 2\n    loss.backward()\n    return loss\n"
        "for k in range(3):\n    print(f'{optimizer.step(closure).item():.3g}')",
        "133\n0.000746\n3.59e-09\n",
    ),
    "arrays beside tensors": (
        "import numpy as np\nt = torch.ones(2)\nn = t.numpy()\nt.add_(1)\n"
        "print(n, n * 2, [n], n.shape, t, t.shape)\n"
        "a = np.array([[1, 2], [3, 4]])\n"
        "print(a @ a, a.T, a[0], np.exp(a[0]), a / 2, torch.from_numpy(a) / 2)\n"
        "print([row for row in a], (t * 2).numpy() + 1, torch.tensor(a).sum())",
        "[2. 2.] [4. 4.] [array([2., 2.], dtype=float32)] (2,) tensor([2., 2.]) torch.Size([2])\n"
        "[[ 7 10]\n [15 22]] [[1 3]\n [2 4]] [1 2] [2.71828183 7.3890561 ] [[0.5 1. ]\n"
        " [1.5 2. ]] tensor([[0.5000, 1.0000],\n        [1.5000, 2.0000]])\n"
        "[array([1, 2]), array([3, 4])] [5. 5.] tensor(10)\n",
    ),
    "Python's random numbers": (
        "import random\nrandom.seed(5)\nitems = [1, 2, 3, 4]\nrandom.shuffle(items)\n"
        "print(items, random.randint(1, 6), random.choice('abc'), round(random.random(), 6))\n"
        "print(random.sample(range(9), 3), round(random.gauss(0, 1), 6))",
        "[1, 2, 4, 3] 6 c 0.652032\n[8, 0, 6] -2.340557\n",
    ),
}


def written() -> Iterator[tuple[str, tuple[str, str]]]:
    """Those of tests/cases/torch_programs.txt, longer ones."""
    for entry in CASES.read_text().split("=== ")[1:]:
        name, _, rest = entry.partition("\n")
        script, _, expected = rest.partition("\n---\n")
        yield name, (script, expected.removesuffix("\n"))


PROGRAMS.update(written())


def prints(script: str) -> str:
    found: list[str] = []
    Session(write=found.append).run(Source(BEGIN + script), script=True)
    return "".join(found)


def under_pytorch(script: str) -> str:
    pytest.importorskip("torch")
    text = io.StringIO()
    with contextlib.redirect_stdout(text), warnings.catch_warnings(action="ignore"):
        exec(BEGIN + script, {"__name__": "program"})  # our own table
    return re.sub(r" object at 0x[0-9a-f]+", "", text.getvalue())


@pytest.mark.parametrize("name", PROGRAMS)
def test_prints(name: str) -> None:
    script, expected = PROGRAMS[name]
    assert prints(script) == expected


@pytest.mark.parametrize("name", PROGRAMS)
def test_prints_the_same_under_pytorch(name: str) -> None:
    script, _ = PROGRAMS[name]
    assert under_pytorch(script) == prints(script)


REFUSED = {
    "torch.nn has 'CTCLoss', but gradcli does not": "nn.CTCLoss()",
    "torch.Tensor has 'lu_solve', but gradcli does not": "torch.ones(2).lu_solve",
    "there is no module 'matplotlib.pyplot' here": "import matplotlib.pyplot as plt",
    "the module 'torchvision' has no 'datasets'": "from torchvision import datasets",
    "mm takes a matrix here, not a tensor of shape (2,)": "torch.mm(torch.ones(2), torch.ones(2))",
    "functional_call: 'w' is a tensor, not a number": (
        "torch.func.functional_call(nn.Linear(1, 1), {'w': 1.0}, (torch.ones(1),))"
    ),
    "the module has no parameter 'w'": (
        "torch.func.functional_call(nn.Linear(1, 1), {'w': torch.ones(1)}, (torch.ones(1),))"
    ),
    "there is no row 5 to replace": "net = nn.Sequential(nn.ReLU())\nnet[5] = nn.ReLU()",
    "a result of an operation is not copied": (
        "import copy\ncopy.deepcopy(torch.ones(1, requires_grad=True) * 2)"
    ),
    "make_dual needs a level": (
        "import torch.autograd.forward_ad as fw\nfw.make_dual(torch.ones(1), torch.ones(1))"
    ),
}


@pytest.mark.parametrize(("message", "script"), REFUSED.items())
def test_refuses(message: str, script: str) -> None:
    with pytest.raises(GradcliError) as caught:
        prints(script)
    assert caught.value.message == message


def test_gradcheck_tells_a_wrong_derivative() -> None:
    wrong = CUBE.replace("3 * x ** 2", "2 * x ** 2")
    check = "torch.autograd.gradcheck(lambda t: Cube.apply(t, 1.0), x{})"
    begin = f"{wrong}x = torch.tensor([2.], dtype=torch.float64, requires_grad=True)\n"
    with pytest.raises(WrongGradient, match="is 8, differences say 12") as caught:
        prints(begin + check.format(""))
    assert caught.value.status == Status.DIFFERS
    assert prints(f"{begin}print({check.format(', raise_exception=False')})") == "False\n"
    assert (
        prints(f"{begin}try:\n    {check.format('')}\nexcept RuntimeError:\n    print(1)") == "1\n"
    )
