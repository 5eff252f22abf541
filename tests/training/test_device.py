"""A GPU's training renders, computes and steps on the GPU, which never waits for the host. Proven without a GPU: fake tensors of a
CUDA device refuse operations between devices and every number that the host would have to wait for."""
import json
import os

import numpy as np
import pytest
import torch
from PIL import Image
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from mote_train import train
from mote_train.model import Tracker
from mote_train.render import samples
from mote_train.render.draw import Draw

SLOW = ('linalg_inv', 'linalg_solve', 'nonzero', '_local_scalar_dense', 'masked_select')  # each waits for the device


class Everything(np.random.RandomState):
    """Whatever may happen does."""

    def rand(self):
        return 0.


class Elsewhere(Draw):
    """Fake tensors have no generator."""

    def __init__(self, seed, device):
        self.host, self.device, self.generator = Everything(seed), torch.device(device), None


class Waits(TorchDispatchMode):
    """Collects operations for which the host would wait: those above, and copies between devices that are not `non_blocking`."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def __torch_dispatch__(self, operation, types, given=(), named=None):
        out = operation(*given, **(named or {}))
        devices = {x.device.type for x in tree_leaves((given, named, out)) if isinstance(x, torch.Tensor) and (x.dim() or 'copy' in str(operation))}
        if any(s in str(operation) for s in SLOW) or len(devices) > 1 and not (named or {}).get('non_blocking'):
            self.found.add(str(operation))
        return out


@pytest.fixture
def elsewhere(root, monkeypatch, tmp_path):
    """The GPU's config, made small, for a device that is not there."""
    with open(os.path.join(root, 'weights', 'training', 'configs', 'mote-s-gpu.json')) as f:
        config = json.load(f)
    Image.new('RGB', (40, 60)).save(tmp_path / 'a.png')
    monkeypatch.setattr(samples, 'Draw', Elsewhere)
    monkeypatch.setattr(torch.nn.functional, 'grid_sample',  # PyTorch does not know its shape for fake tensors
                        lambda values, grid, **_: values.new_empty(*values.shape[:2], *grid.shape[1:3]) + grid.sum() * 0)
    return dict(config, batch=[1] * len(config['sizes']), sizes=[[64, 64]] * len(config['sizes']), cuts=1, bank=20, texture=64, points=4,
                windows={h: [2] for h in config['windows']}, pictures=str(tmp_path))


def test_rendering_and_the_loss_stay_on_the_gpu_and_wait_for_nothing(elsewhere):
    with FakeTensorMode(allow_non_fake_inputs=True):
        groups = samples.RenderedGroups(elsewhere, 0, 1)
        with Waits() as waits:
            rendered = [step for group in groups for step in group]
        with torch.device('cuda'):
            model = Tracker()
        with waits:
            for hop, batch in rendered:
                assert {x.device.type for x in batch} == {'cuda'}
                windows = (batch[0].shape[1] - 1 - train.WINDOW) // hop + 1
                loss, figures = train.losses(model, batch, train.spans(hop, windows), 1)
                assert loss.device.type == figures.device.type == 'cuda'
        assert len(rendered) == 1 and not waits.found


def test_waiting_would_be_noticed():
    with FakeTensorMode(allow_non_fake_inputs=True), Waits() as waits:
        number = Elsewhere([0], 'cuda').uniform(0, 1, 3)
        torch.linalg.inv(number[:, None] * number)
        assert waits.found == {'aten.linalg_inv_ex.default'}
        waits.found.clear()
        torch.tensor([1., 2], device='cuda')
        assert waits.found == {'aten._to_copy.default'}
        with pytest.raises(DataDependentOutputException):
            float(number[0])
        with pytest.raises(RuntimeError, match='device'):
            number + torch.zeros(3)


def test_a_step_reads_no_number_back():
    """All of it, gradient and optimizer too, on the CPU as on a GPU; every 16th step looks at the gradient."""
    config = dict(seed=7, renderer='device', bank=12, texture=64, bank_groups=2, sizes=[[48, 64]], size_shares=[1], hops=[1], hop_shares=[1], windows={'1': [3]},
                  fastest=5, batch=[1], cuts=2, points=6, steps=6, warmup=2, lr=1e-3, weight_decay=1e-4, ema=.99, threads=1, device='cpu', bf16=False)
    run = train.Run(config)
    run.on_gpu, run.optimizer = True, torch.optim.AdamW(run.model.parameters(), lr=1e-3, fused=True)
    (first, second), = list(samples.RenderedGroups(config, 0, 1))
    with Waits() as waits:
        run.advance(*first)
    assert waits.found == {'aten._local_scalar_dense.default'}
    with Waits() as waits:
        run.advance(*second)
    assert run.step == 2 and not waits.found
