"""Optimizers and schedulers, in the shape of torch.optim."""

from gradcli.nn import lr_scheduler
from gradcli.nn.adaptive import ASGD, Adadelta, Adamax, NAdam, RAdam, Rprop
from gradcli.nn.lbfgs import LBFGS
from gradcli.nn.optimizer import Optimizer
from gradcli.nn.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]
