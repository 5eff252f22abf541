"""Train the tracker: python -m mote_train.train CONFIG.json --out FOLDER [--init WEIGHTS.safetensors]

Leaves there the weights (averaged: ema.safetensors, best.safetensors), the log, the figures on the held-out clips and their curve.
Continues FOLDER/checkpoint.pt where there is one. A step is a pure function of the state before it and of its number, so a
resumed run on a CPU is the same, bit for bit, as one that never stopped. SIGTERM: checkpoint, then exit. The config's "model"
holds the sizes that differ from mote-s's; a smaller model given with --init is grown to them (grow.py). "fine": true trains a
fine tracker behind the coarse one of --init (fine.py).
"""
import argparse
import math
import os
import signal
import time

import torch
from safetensors.torch import load_file
from torch.utils.data import DataLoader

from . import checkpoint, fine
from .config import bfloat16, check, read
from .fine import CoarseToFine
from .grow import grow
from .losses import matching_loss, sequence_loss
from .model import Tracker
from .record import Record
from .render.samples import RenderedGroups
from .tracking import WINDOW, spans, unroll

CHECK_EVERY = 16  # steps on a GPU between two looks at the gradient: each waits for it
LOG_EVERY = 48  # steps to a row of the log


def learning_rate(config, step):
    """Linear warm-up, then a half cosine to a twentieth."""
    if step < config['warmup']:
        return config['lr'] * (step + 1) / config['warmup']
    done = min(1, (step - config['warmup']) / max(1, config['steps'] - config['warmup']))
    return config['lr'] * (.05 + .95 * (1 + math.cos(math.pi * done)) / 2)


def iterations_of(step, hop):
    """Streaming (hop 1) refines once or twice; other windows 2, 3 or 4 times."""
    return (1, 1, 2, 2, 1, 4)[step % 6] if hop == 1 else (2, 3, 4)[step % 3]


def losses(model, batch, windows, iterations, last=0, matching=.2):
    """-> loss; (3,): visible median px, share of visible under 2 px, share of hidden under 16 px, of the last window.

    last: how many of a window's iterations are trained, from its end; 0: all. matching: weight of the matching loss.
    """
    frames, query, start, truth, visible, locked = batch
    B, T = frames.shape[:2]
    pyramid = model.see(frames.flatten(0, 1))
    ids = torch.arange(B * T, device=frames.device).reshape(B, T)
    template = model.template(pyramid, ids[:, 0], query)
    total = 0
    for places, out in unroll(model, pyramid, ids[:, 1:], template, start, locked, windows, iterations):
        total = total + sequence_loss(out[-last:], truth[:, places], visible[:, places]) / len(windows)
    if matching:
        centre = template[0][:, :, model.sdel.shape[1] // 2]
        total = total + matching * matching_loss(model, centre, pyramid.maps[0][ids[:, 1:].flatten()], truth, visible)
    with torch.no_grad():
        error, seen = (out[-1][0] - truth[:, places]).norm(dim=-1), visible[:, places] > .5
        figures = torch.stack([torch.where(seen, error, torch.nan).nanmedian(), ((error < 2) & seen).sum() / seen.sum(),
                               ((error < 16) & ~seen).sum() / (~seen).sum()])
    return total, figures


class Run:
    """Model, average, optimizer and step of one training."""

    family = Tracker  # made with the config's "model"

    def __init__(self, config, init=None):
        torch.manual_seed(config['seed'])
        self.config, self.step, self.seconds, self.bf16 = config, 0, 0., bfloat16(config)
        self.model = self.family(**config.get('model', {}))
        if init:
            grow(load_file(init), self.model)
        self.model.to(config['device'])
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.on_gpu = torch.device(config['device']).type == 'cuda'
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config['lr'], weight_decay=config['weight_decay'], betas=(.9, .98),
                                           fused=self.on_gpu)
        self.norm = torch.zeros(())

    def losses(self, hop, batch, **what):
        """-> as the function of that name, which `what` goes to."""
        windows = (batch[0].shape[1] - 1 - WINDOW) // hop + 1
        return losses(self.model, batch, spans(hop, windows, young=hop == 1 and self.step % 2 == 0), iterations_of(self.step, hop), **what)

    def advance(self, hop, batch):
        """One step. -> (4,): loss and figures, on the device."""
        device = self.config['device']
        batch = [x.to(device) for x in batch]
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=self.bf16):
            loss, figures = self.losses(hop, batch)
        self.update(loss)
        return torch.cat([loss.detach()[None], figures])

    def update(self, loss):
        """Takes a step down a loss."""
        c = self.config
        for group in self.optimizer.param_groups:
            group['lr'] = learning_rate(c, self.step)
        self.optimizer.zero_grad()
        loss.backward()
        self.norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.)
        if not self.on_gpu or self.step % CHECK_EVERY == 0:
            self.check()
        self.optimizer.step()
        self.step += 1
        decay = min(c['ema'], 1 - 1 / (self.step + 1))
        with torch.no_grad():
            state = self.model.state_dict()
            torch._foreach_lerp_([self.ema[k] for k in state], list(state.values()), 1 - decay)

    def check(self):
        """Raises where a gradient was not finite: on a GPU up to CHECK_EVERY steps ago, but before anything is saved."""
        if not torch.isfinite(self.norm):
            raise FloatingPointError(f'the gradient is not finite: step={self.step}; lower the learning rate or resume an earlier checkpoint')


class FineRun(Run):
    """Of a fine tracker behind a coarse one that stays as it is; with "fine": "refinement" its encoder stays, too."""

    family = CoarseToFine

    def __init__(self, config, init=None):
        super().__init__(config, init)
        for name, p in self.model.named_parameters():
            p.requires_grad_(name.startswith(fine.PREFIX) and not (config['fine'] == 'refinement' and name.startswith(fine.PREFIX + 'enc.')))

    def losses(self, hop, batch):
        return super().losses(hop, batch, last=fine.ITERATIONS, matching=0)


def run_of(config, init=None):
    """-> the Run that the config asks for."""
    return (FineRun if config.get('fine') else Run)(config, init)


def groups_of(config, first, last):
    """The training's groups of batches first to last - 1, rendered on the device or, by default, by the CPU's workers."""
    if config.get('renderer') == 'device':
        return RenderedGroups(config, first, last)
    from .samples import Groups  # needs OpenCV, which the device's renderer does not
    return DataLoader(Groups(config, first, last), batch_size=None, num_workers=config['workers'], prefetch_factor=4 if config['workers'] else None)


def train(config, out, init=None, until=None, make=run_of, way=None):
    """Runs to config['steps'], or to step `until`; make(config, init): a Run; way: what takes it there, as `follow`, which is the default.
    -> the Run, short of its steps where SIGTERM ended it."""
    check(config)
    if config.get('fine') and not (init or os.path.exists(os.path.join(out, 'checkpoint.pt'))):
        raise ValueError(f'a fine tracker has nothing to stand behind: out={out}; give --init with trained weights')
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(config['threads'])
    run, stopping = make(config, init), []
    checkpoint.restore(run, os.path.join(out, 'checkpoint.pt'))
    before = signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    try:
        (way or follow)(run, Record(out, run), os.path.join(out, 'checkpoint.pt'), until or config['steps'], stopping)
    finally:
        signal.signal(signal.SIGTERM, before)
    return run


def follow(run, record, path, until, stopping):
    """Steps up to `until`, with checkpoints, the log and the held-out clips; ends early once `stopping` holds anything."""
    cuts, log = run.config['cuts'], []
    if record.due(run):
        record.evaluate(run, stopping)
    saved = began = time.time()

    def save():
        nonlocal saved, began
        run.check()
        run.seconds += time.time() - began
        checkpoint.save(run, path)
        if record.due(run):
            record.evaluate(run, stopping)
        saved = began = time.time()
    for group in groups_of(run.config, run.step // cuts, math.ceil(until / cuts)):
        for hop, batch in group:
            log.append(run.advance(hop, batch))
        if len(log) >= LOG_EVERY:
            row = dict(step=run.step, minutes=round((run.seconds + time.time() - began) / 60, 2), lr=learning_rate(run.config, run.step))
            row.update(zip(('loss', 'visible_median_px', 'visible_under_2px', 'hidden_under_16px'), [round(v, 4) for v in torch.stack(log).nanmean(0).tolist()]))
            record.log(row)
            log = []
        if record.due(run) or time.time() - saved > 60 * run.config['checkpoint_minutes']:
            save()
        if stopping:
            break
    save()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('config')
    p.add_argument('--out', required=True)
    p.add_argument('--init', help='weights to start from where there is no checkpoint yet')
    a = p.parse_args()
    train(read(a.config), a.out, a.init)


if __name__ == '__main__':
    main()
