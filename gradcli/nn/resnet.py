"""Residual networks, with torchvision's names for their parameters.

K. He and others, Deep residual learning for image recognition, 2015.
"""

from __future__ import annotations

from typing import Any

from gradcli.engine.tensor import Tensor
from gradcli.nn import init
from gradcli.nn.activations import ReLU
from gradcli.nn.containers import Sequential
from gradcli.nn.convolutions import Conv2d
from gradcli.nn.images import AdaptiveAvgPool2d, MaxPool2d
from gradcli.nn.layers import Linear
from gradcli.nn.module import Module
from gradcli.nn.normalizations import BatchNorm2d


def conv(width: int, planes: int, kernel: int, stride: int = 1) -> Conv2d:
    return Conv2d(width, planes, kernel, stride, padding=kernel // 2, bias=False)


class BasicBlock(Module):
    """Two convolutions of 3 x 3, beside which the input passes."""

    expansion = 1

    def __init__(self, width: int, planes: int, stride: int, downsample: Module | None) -> None:
        super().__init__()
        self.conv1 = conv(width, planes, 3, stride)
        self.bn1 = BatchNorm2d(planes)
        self.relu = ReLU()
        self.conv2 = conv(planes, planes, 3)
        self.bn2 = BatchNorm2d(planes)
        self.downsample = downsample

    def forward(self, x: Tensor) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(Module):
    """A convolution of 3 x 3 between two of 1 x 1, beside which the input passes."""

    expansion = 4

    def __init__(self, width: int, planes: int, stride: int, downsample: Module | None) -> None:
        super().__init__()
        self.conv1 = conv(width, planes, 1)
        self.bn1 = BatchNorm2d(planes)
        self.conv2 = conv(planes, planes, 3, stride)
        self.bn2 = BatchNorm2d(planes)
        self.conv3 = conv(planes, planes * self.expansion, 1)
        self.bn3 = BatchNorm2d(planes * self.expansion)
        self.relu = ReLU()
        self.downsample = downsample

    def forward(self, x: Tensor) -> Any:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(Module):
    """Images (N, 3, H, W) to (N, num_classes): four layers of so many blocks."""

    def __init__(
        self, block: type[BasicBlock | Bottleneck], layers: list[int], num_classes: int = 1000
    ) -> None:
        super().__init__()
        self.conv1 = Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = BatchNorm2d(64)
        self.relu = ReLU()
        self.maxpool = MaxPool2d(3, 2, 1)
        width = 64
        for k, count in enumerate(layers):
            planes = 64 * 2**k
            row = Sequential()
            for number in range(count):
                row.append(joint(block, width, planes, 2 if k and not number else 1))
                width = planes * block.expansion
            self.register_module(f"layer{k + 1}", row)
        self.avgpool = AdaptiveAvgPool2d(1)
        self.fc = Linear(width, num_classes)
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Any:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
        x = self.avgpool(x)
        return self.fc(x.reshape(x.shape[0], -1))


def joint(block: type[BasicBlock | Bottleneck], width: int, planes: int, stride: int) -> Module:
    """A block; where it changes the shape, the input is convolved to fit."""
    wide = planes * block.expansion
    fits = stride == 1 and width == wide
    passing = None if fits else Sequential(conv(width, wide, 1, stride), BatchNorm2d(wide))
    return block(width, planes, stride, passing)


def resnet18(num_classes: int = 1000) -> ResNet:
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes)


def resnet34(num_classes: int = 1000) -> ResNet:
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes)


def resnet50(num_classes: int = 1000) -> ResNet:
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes)
