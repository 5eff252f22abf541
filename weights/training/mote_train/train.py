"""Train the tracker: python -m mote_train.train CONFIG.json --out FOLDER [--init WEIGHTS.safetensors]

Continues FOLDER/checkpoint.pt where there is one. A step is a pure function of the state before it and of its number, so a
resumed run on a CPU is the same, bit for bit, as one that never stopped. SIGTERM: checkpoint, then exit.
"""
import argparse
import json
import math
import os
import signal
import time

import numpy as np
import torch
from safetensors.torch import load_file
from torch.utils.data import DataLoader

from . import checkpoint
from .losses import matching_loss, sequence_loss
from .model import Tracker
from .samples import Groups, windows_of
from .tracking import spans, unroll


def learning_rate(config, step):
    """Linear warm-up, then a half cosine to a twentieth."""
    if step < config['warmup']:
        return config['lr'] * (step + 1) / config['warmup']
    done = min(1, (step - config['warmup']) / max(1, config['steps'] - config['warmup']))
    return config['lr'] * (.05 + .95 * (1 + math.cos(math.pi * done)) / 2)


def iterations_of(step, hop):
    """Streaming (hop 1) refines once or twice; other windows 2, 3 or 4 times."""
    return (1, 1, 2, 2, 1, 4)[step % 6] if hop == 1 else (2, 3, 4)[step % 3]


def losses(model, batch, windows, iterations):
    """-> loss, (visible median px, share of visible under 2 px, share of hidden under 16 px) of the last window."""
    frames, query, start, truth, visible, locked = batch
    B, T = frames.shape[:2]
    maps = model.encode(frames.flatten(0, 1))
    pyramid = model.pyramid(maps)
    ids = torch.arange(B * T, device=maps.device).reshape(B, T)
    template = model.template(pyramid, ids[:, 0], query)
    total = 0
    for places, out in unroll(model, pyramid, ids[:, 1:], template, start, locked, windows, iterations):
        total = total + sequence_loss(out, truth[:, places], visible[:, places]) / len(windows)
    centre = template[0][:, :, template[0].shape[2] // 2]
    total = total + .2 * matching_loss(model, centre, maps[ids[:, 1:].flatten()], truth, visible)
    with torch.no_grad():
        error, seen = (out[-1][0] - truth[:, places]).norm(dim=-1), visible[:, places] > .5
        figures = (error[seen].median().item(), (error[seen] < 2).float().mean().item(), (error[~seen] < 16).float().mean().item())
    return total, figures


class Run:
    """Model, average, optimizer and step of one training."""

    def __init__(self, config, init=None):
        torch.manual_seed(config['seed'])
        self.config, self.step, self.seconds = config, 0, 0.
        self.model = Tracker()
        if init:
            self.model.load_shipped(load_file(init))
        self.model.to(config['device'])
        self.ema = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config['lr'], weight_decay=config['weight_decay'], betas=(.9, .98))

    def advance(self, hop, batch):
        """One step. -> loss and figures."""
        c = self.config
        for group in self.optimizer.param_groups:
            group['lr'] = learning_rate(c, self.step)
        batch = [x.to(c['device']) for x in batch]
        with torch.autocast(c['device'], dtype=torch.bfloat16, enabled=c['bf16']):
            windows = spans(hop, windows_of(c, hop), young=hop == 1 and self.step % 2 == 0)
            loss, figures = losses(self.model, batch, windows, iterations_of(self.step, hop))
        self.optimizer.zero_grad()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.)
        if not torch.isfinite(norm):
            raise FloatingPointError(f'the gradient is not finite: step={self.step}; lower the learning rate or resume an earlier checkpoint')
        self.optimizer.step()
        self.step += 1
        decay = min(c['ema'], 1 - 1 / (self.step + 1))
        with torch.no_grad():
            for k, v in self.model.state_dict().items():
                self.ema[k].mul_(decay).add_(v, alpha=1 - decay)
        return (loss.item(), *figures)


def train(config, out, init=None, until=None):
    """Runs to config['steps'], or to step `until`. -> Run."""
    os.makedirs(out, exist_ok=True)
    torch.set_num_threads(config['threads'])
    run = Run(config, init)
    path = os.path.join(out, 'checkpoint.pt')
    checkpoint.restore(run, path)
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    cuts, until = config['cuts'], until or config['steps']
    groups = Groups(config, run.step // cuts, math.ceil(until / cuts))
    loader = DataLoader(groups, batch_size=None, num_workers=config['workers'], prefetch_factor=4 if config['workers'] else None)
    log, saved = [], time.time()
    for group in loader:
        began = time.time()
        for hop, batch in group:
            log.append(run.advance(hop, batch))
        run.seconds += time.time() - began
        if len(log) >= 48:
            row = dict(step=run.step, minutes=round(run.seconds / 60, 2), lr=learning_rate(config, run.step))
            row.update(zip(('loss', 'visible_median_px', 'visible_under_2px', 'hidden_under_16px'), np.nanmean(log, 0).round(4).tolist()))
            checkpoint.append_log(os.path.join(out, 'log.jsonl'), row)
            print(json.dumps(row), flush=True)
            log = []
        if stopping or time.time() - saved > 60 * config['checkpoint_minutes']:
            checkpoint.save(run, path)
            saved = time.time()
        if stopping:
            break
    checkpoint.save(run, path)
    return run


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('config')
    p.add_argument('--out', required=True)
    p.add_argument('--init', help='weights to start from where there is no checkpoint yet')
    a = p.parse_args()
    with open(a.config) as f:
        config = json.load(f)
    train(config, a.out, a.init)


if __name__ == '__main__':
    main()
