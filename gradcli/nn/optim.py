"""Optimizers and schedulers, in the shape of torch.optim."""

from gradcli.nn import schedulers as lr_scheduler
from gradcli.nn.lbfgs import LBFGS
from gradcli.nn.optimizer import Optimizer
from gradcli.nn.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop

__all__ = ["LBFGS", "SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "lr_scheduler"]
