"""ResNet-152 in torch, by the names and in the order of torchvision's, which needs torchvision."""

from __future__ import annotations

import numpy
import torch
from torch import nn

BLOCKS = (3, 8, 36, 3)
CATEGORIES = 1000


class Bottleneck(nn.Module):
    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        out = 4 * width
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet152(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, count in enumerate(BLOCKS, start=1):
            width, blocks = 64 << (stage - 1), []
            for i in range(count):
                blocks.append(Bottleneck(channels, width, 2 if stage > 1 and i == 0 else 1))
                channels = 4 * width
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, CATEGORIES)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


def load(path: str) -> ResNet152:
    """With the weights of a file of numpy.savez."""
    network = ResNet152()
    weights = {name: torch.from_numpy(array) for name, array in numpy.load(path).items()}
    absent, unknown = network.load_state_dict(weights, strict=False)
    if unknown or any(not name.endswith("num_batches_tracked") for name in absent):
        raise SystemExit(f"{path}: absent {absent}, unknown {unknown}")
    return network.eval()
