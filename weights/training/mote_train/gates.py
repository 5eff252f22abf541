"""The gates that decide whether a live point is seen, and where they are kept: the metadata of a weight file."""
import json
import os
from dataclasses import dataclass

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

KEY = 'mote.sight'
INPUTS = dict(keep=7, stay=13, find=20)


def perceptron(inputs, hidden):
    return nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, 1), nn.Flatten(0))


@dataclass(frozen=True)
class Gates:
    """Callables (N, INPUTS) -> logits (N,) that the point is seen."""
    keep: nn.Module
    stay: nn.Module
    find: nn.Module


def rule():
    """What the first clips are streamed with."""
    return Gates(lambda x: torch.minimum(x[:, 0], x[:, 1]).minimum(20 * (x[:, 2] - .5)),
                 lambda x: torch.full_like(x[:, 0], -1), lambda x: torch.minimum(torch.minimum(x[:, 0], x[:, 1]) - .7, 20 * (x[:, 4] - .1)))


def write(path, gates):
    """Adds the gates to a weight file."""
    with safe_open(path, 'pt') as f:
        metadata = f.metadata()

    def numbers(values):
        return [float('%.7g' % v) for v in values.tolist()]
    metadata[KEY] = json.dumps({name: {'weights1': [numbers(row) for row in net[0].weight], 'bias1': numbers(net[0].bias), 'weights2': numbers(net[2].weight[0]),
                                       'bias2': numbers(net[2].bias)[0]} for name, net in vars(gates).items()})
    save_file(load_file(path), path + '.part', metadata)
    os.chmod(path + '.part', 0o644)
    os.replace(path + '.part', path)


def read(path):
    """-> Gates of a weight file."""
    with safe_open(path, 'pt') as f:
        metadata = f.metadata() or {}
    if KEY not in metadata:
        raise SystemExit(f'weights have no {KEY}: path={path}; run python -m mote_train.sight {path}')
    out = []
    for name, inputs in INPUTS.items():
        gate = json.loads(metadata[KEY])[name]
        net = perceptron(inputs, len(gate['bias1'])).requires_grad_(False)
        net[0].weight[:], net[0].bias[:] = torch.tensor(gate['weights1']), torch.tensor(gate['bias1'])
        net[2].weight[0], net[2].bias[0] = torch.tensor(gate['weights2']), gate['bias2']
        out.append(net)
    return Gates(**dict(zip(INPUTS, out)))
