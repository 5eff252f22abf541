#!/usr/bin/env python3
"""Writes checkpoints of the structure that the published PIPs training code saves, without its weights.

usage: make_pth.py FOLDER                        the small fixtures of tests/convert/fixtures
       make_pth.py --weights IN.safetensors OUT.pth    a full-size checkpoint with the values of a weight file

Needs torch (and safetensors for --weights). The modules below have the names, order and shapes of the published
model; only the widths of the fixtures are smaller. As in the published training code, the optimizer is Adam, its
state comes first in the file, and the dictionary holds optimizer_state_dict and model_state_dict.

Values of the fixtures: element i of tensor k (in the model's order) is ((7 i + 13 k) mod 64 - 32) / 32, which
float16 and bfloat16 hold exactly.
"""
import argparse
import pathlib

import torch
from torch import nn

TINY = dict(features=8, channels=(8, 8, 8, 8), neck=8, levels=1, radius=1, frequencies=1, width=8, depth=1, token=1, channel=1)
FULL = dict(features=128, channels=(64, 96, 128, 128), neck=256, levels=4, radius=3, frequencies=32, width=512, depth=12, token=4, channel=4)
WINDOW = 8


class Block(nn.Module):
    def __init__(self, inputs, outputs, halves):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm1, self.norm2 = nn.InstanceNorm2d(outputs), nn.InstanceNorm2d(outputs)
        if halves:
            self.norm3 = nn.InstanceNorm2d(outputs)
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1), self.norm3)


class Encoder(nn.Module):
    def __init__(self, features, channels, neck):
        super().__init__()
        self.norm1, self.norm2 = nn.InstanceNorm2d(channels[0]), nn.InstanceNorm2d(neck)
        self.conv1 = nn.Conv2d(3, channels[0], 7, padding=3)
        inputs = channels[0]
        for stage, outputs in enumerate(channels):
            blocks = nn.Sequential(Block(inputs, outputs, stage > 0), Block(outputs, outputs, False))
            setattr(self, f"layer{stage + 1}", blocks)
            inputs = outputs
        self.conv2 = nn.Conv2d(sum(channels), neck, 3, padding=1)
        self.conv3 = nn.Conv2d(neck, features, 1)


class Residual(nn.Module):
    def __init__(self, width, hidden, layer, size):
        super().__init__()
        self.fn = nn.Sequential(layer(size, hidden), nn.GELU(), nn.Dropout(0), layer(hidden, size), nn.Dropout(0))
        self.norm = nn.LayerNorm(width)


class Pips(nn.Module):
    def __init__(self, features, channels, neck, levels, radius, frequencies, width, depth, token, channel):
        super().__init__()
        frames = lambda i, o: nn.Conv1d(i, o, 1)
        inputs = features + levels * (2 * radius + 1) ** 2 + 3 * 2 * frequencies + 3
        blocks = [
            nn.Sequential(
                Residual(width, WINDOW * token, frames, WINDOW), Residual(width, width * channel, nn.Linear, width))
            for _ in range(depth)
        ]
        self.fnet = Encoder(features, channels, neck)
        self.delta_block = nn.Module()
        self.delta_block.to_delta = nn.Sequential(
            nn.Linear(inputs, width), *blocks, nn.LayerNorm(width), nn.Identity(),
            nn.Linear(width, WINDOW * (features + 2)))
        self.norm = nn.GroupNorm(1, features)
        self.ffeat_updater = nn.Sequential(nn.Linear(features, features), nn.GELU())
        self.vis_predictor = nn.Sequential(nn.Linear(features, 1))


def fill(model):
    with torch.no_grad():
        for k, value in enumerate(model.state_dict().values()):
            i = torch.arange(value.numel())
            value.copy_((((7 * i + 13 * k) % 64 - 32) / 32.0).reshape(value.shape))
    return model


def adam(model, trained):
    """An optimizer that has taken a step on the parameters chosen, so that it has state to skip: NaN, not to be read."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.0)
    for name, parameter in model.named_parameters():
        if trained(name):
            parameter.grad = torch.full_like(parameter, float("nan"))
    optimizer.step()
    return optimizer


def checkpoint(model, optimizer):
    return {"optimizer_state_dict": optimizer.state_dict(), "model_state_dict": model.state_dict()}


def wrapped():
    """As trained on several devices with a scheduler; other types and layouts of the same values."""
    model = fill(Pips(**TINY))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-3, 10, anneal_strategy="linear", cycle_momentum=False)
    state = torch.nn.DataParallel(model).state_dict()
    types = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
    for k, (name, value) in enumerate(list(state.items())):
        value = value.to(types[k % 4])
        if value.dim() >= 2 and k % 3 == 0:
            value = value.transpose(0, 1).contiguous().transpose(0, 1)
        state[name] = nn.Parameter(value) if k % 5 == 0 else value
    norm = ("module.norm.weight", "module.norm.bias")
    shared = torch.cat([torch.tensor([float("nan")]), state[norm[0]].detach().float(), state[norm[1]].detach().float()])
    state[norm[0]], state[norm[1]] = shared[1:9], shared[9:17]
    state["module.fnet.norm1.num_batches_tracked"] = torch.tensor(3)
    return {
        "optimizer_state_dict": optimizer.state_dict(), "model_state_dict": state,
        "scheduler_state_dict": scheduler.state_dict()}


def fixtures(folder):
    torch.manual_seed(0)
    model = Pips(**TINY)
    optimizer = adam(model, lambda name: name.endswith("norm.bias"))
    saved = checkpoint(fill(model), optimizer)
    torch.save(saved, folder / "pips-tiny.pth")
    torch.save(saved, folder / "pips-tiny-protocol4.pth", pickle_protocol=4)
    torch.save(wrapped(), folder / "pips-tiny-wrapped.pth")
    torch.save({"model_state_dict": {"a": torch.zeros(2)}}, folder / "before-1.6.pth", _use_new_zipfile_serialization=False)


def full(weights, out):
    from safetensors.torch import load_file

    model = Pips(**FULL)
    optimizer = adam(model, lambda name: True)
    model.load_state_dict(load_file(weights))
    torch.save(checkpoint(model, optimizer), out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.weights:
        full(arguments.weights, arguments.out)
    else:
        fixtures(arguments.out)
