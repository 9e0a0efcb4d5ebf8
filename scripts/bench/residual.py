"""ResNet-18 as it is written for torch.nn, over any namespace of that shape."""

from __future__ import annotations

from typing import Any


def resnet18(nn: Any, counts: tuple[int, ...] = (2, 2, 2, 2), classes: int = 1000) -> Any:
    """The network that `gradcli.nn.resnet` has, with the same names of parameters."""

    class BasicBlock(nn.Module):  # type: ignore[misc]  # the base is an argument
        def __init__(self, width: int, planes: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(width, planes, 3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.relu = nn.ReLU(inplace=True)
            self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.downsample = None
            if stride != 1 or width != planes:
                passing = nn.Conv2d(width, planes, 1, stride=stride, bias=False)
                self.downsample = nn.Sequential(passing, nn.BatchNorm2d(planes))

        def forward(self, x: Any) -> Any:
            out = self.relu(self.bn1(self.conv1(x)))
            out = self.bn2(self.conv2(out))
            out += x if self.downsample is None else self.downsample(x)
            return self.relu(out)

    class ResNet(nn.Module):  # type: ignore[misc]  # the base is an argument
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
            self.bn1 = nn.BatchNorm2d(64)
            self.relu = nn.ReLU(inplace=True)
            self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
            width, self.layers = 64, []
            for k, count in enumerate(counts):
                planes, blocks = 64 * 2**k, []
                for number in range(count):
                    blocks.append(BasicBlock(width, planes, 2 if k and not number else 1))
                    width = planes
                setattr(self, f"layer{k + 1}", nn.Sequential(*blocks))
                self.layers.append(f"layer{k + 1}")
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.fc = nn.Linear(width, classes)

        def forward(self, x: Any) -> Any:
            x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
            for name in self.layers:
                x = getattr(self, name)(x)
            return self.fc(self.avgpool(x).flatten(1))

    return ResNet()
