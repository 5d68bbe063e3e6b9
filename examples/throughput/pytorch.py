#!/usr/bin/env python3
"""Training throughput of PyTorch in Python: the peer of dlac.jsh, with the same work in each step.

The zoo's LeNet-5 or ResNet-20 (projections where shapes change) on Fashion-MNIST; SGD with momentum 0.9 and weight decay
1e-4; loss and errors read after each step. "ternary": straight-through ternary weights per layer (threshold 0.7 mean |w|)
in all layers but the first. Prints one line: who, network, precision, threads, and the median of images/s over windows.
"""

import argparse
import gzip
import pathlib
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def ternary(w):
    """The ternary value of w forward, the identity backward."""
    with torch.no_grad():
        magnitude = w.abs()
        kept = magnitude > 0.7 * magnitude.mean()
        scale = (magnitude * kept).sum() / kept.sum()
        difference = w.sign() * kept * scale - w
    return w + difference


class Conv(nn.Conv2d):
    quantized = False

    def forward(self, x):
        weight = ternary(self.weight) if self.quantized else self.weight
        return F.conv2d(x, weight, self.bias, self.stride, self.padding)


class Linear(nn.Linear):
    quantized = False

    def forward(self, x):
        return F.linear(x, ternary(self.weight) if self.quantized else self.weight, self.bias)


def normalized(channels, filters, kernel, stride=1):
    return nn.Sequential(
        Conv(channels, filters, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(filters)
    )


class Block(nn.Module):
    def __init__(self, channels, width, stride):
        super().__init__()
        self.a = normalized(channels, width, 3, stride)
        self.b = normalized(width, width, 3)
        same = channels == width and stride == 1
        self.shortcut = nn.Identity() if same else normalized(channels, width, 1, stride)

    def forward(self, x):
        return F.relu(self.b(F.relu(self.a(x))) + self.shortcut(x))


def resnet20():
    layers = [normalized(1, 16, 3), nn.ReLU()]
    channels = 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            layers.append(Block(channels, width, 2 if stage > 0 and block == 0 else 1))
            channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), Linear(64, 10))


def lenet5():
    return nn.Sequential(
        Conv(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        Conv(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        Linear(400, 120), nn.ReLU(), Linear(120, 84), nn.ReLU(), Linear(84, 10),
    )  # fmt: skip


def idx(file, header):
    """The bytes of an IDX file after its header."""
    try:
        return torch.frombuffer(bytearray(gzip.open(file).read()), dtype=torch.uint8, offset=header)
    except OSError as e:
        sys.exit(f"cannot read {file}: {e}. Debian has it: apt-get install dataset-fashion-mnist; or --data FOLDER")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=["lenet5", "resnet20"])
    parser.add_argument("threads", type=int)
    parser.add_argument("precision", choices=["full", "ternary"])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=20, help="of a window")
    parser.add_argument("--windows", type=int, default=6, help="beside a first one, which does not count")
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(42)
    images = idx(options.data / "train-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28)
    labels = idx(options.data / "train-labels-idx1-ubyte.gz", 8)
    net = {"lenet5": lenet5, "resnet20": resnet20}[options.network]()
    if options.precision == "ternary":
        for layer in [m for m in net.modules() if isinstance(m, (Conv, Linear))][1:]:
            layer.quantized = True
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    order = torch.randperm(len(labels))
    next_image = 0
    speeds = []
    for _ in range(1 + options.windows):
        begin = time.perf_counter()
        loss_sum = 0.0
        wrong = 0
        for _ in range(options.steps):
            if next_image + options.batch > len(order):
                order = torch.randperm(len(labels))
                next_image = 0
            chosen = order[next_image : next_image + options.batch]
            next_image += options.batch
            x = images[chosen].float() / 255
            y = labels[chosen].long()
            optimizer.zero_grad()
            logits = net(x)
            loss = F.cross_entropy(logits, y)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
            wrong += (logits.argmax(1) != y).sum().item()
        speed = options.steps * options.batch / (time.perf_counter() - begin)
        speeds.append(speed)
        print(
            f"loss {loss_sum / options.steps:.4f}  train error {wrong / options.steps / options.batch:.2%}"
            f"  {speed:.0f} images/s",
            file=sys.stderr,
        )
    who = f"pytorch-{torch.__version__}"
    print(who, options.network, options.precision, options.threads, round(statistics.median(speeds[1:])), sep="\t")


main()
