"""Fits the gates that decide whether a live point is seen, and writes them into the weights' metadata:

    python -m mote_train.sight ../mote-s.safetensors [--clips FOLDER] [--shift 1.3 0 0.2] [--surer 0.5 -0.1 -0.1]

Clips as those of lost and found, of training's own materials and other seeds, are streamed with the search (`lost.py`): first
with a plain rule, then twice with the gates fitted so far, since what a gate decides changes what it sees later. Clips are
rendered once into the folder.
"""
import argparse
import functools
import json
import multiprocessing
import os

import numpy as np
import torch
from torch import nn

from . import lost, lost_clips, lost_metrics, metrics, textures
from .evaluate import load_model
from .gates import Gates, perceptron, rule, write
from .heldout import read_video, write_video
from .neighbours import NONE

HEARD = dict(stay=4, find=7)  # the last inputs: what neighbours say
ALONE = .25  # share of the rows that are fitted as if there were no neighbours
HIDDEN = 8  # units of a member
MEMBERS = 4  # nets of a gate, whose mean it is: one would know the clips' materials too well
COUNT = 24  # clips
SEED = 20261130
STEPS, BATCH, RATE = 1500, 4096, .03
SHIFTS = (1.3, 0, .2)  # of keep, stay and find: how much surer than even a point must be, in logits; one that is dropped wrongly is soon found
SURER = (.5, -.1, -.1)  # moves the finished gates alone, where SHIFTS also steer the streams they are fitted on: mote-s's, set on heldout-lost for 5 % falsely visible
WAIT = dict(stay=8, find=9)  # the input that says how long a point has been unseen, in units of 8 frames
WARY = .18  # ... and how much surer it must be for each
NEAR = 8  # raster pixels within which what was found is right
ASTRAY = 16  # ... and within which a kept estimate is


def fit(inputs, right, seed, shift, wait=None):
    """inputs (N, I), right (N,) bool -> a perceptron, the mean of MEMBERS, its output lower by `shift`, and by WARY for each unit of
    the input `wait`, which is not negative."""
    nets = [fit_one(inputs, right, MEMBERS * seed + i) for i in range(MEMBERS)]
    gate = perceptron(inputs.shape[1], HIDDEN * MEMBERS + (wait is not None)).requires_grad_(False)
    for layer in gate[0], gate[2]:
        layer.weight.zero_()
        layer.bias.zero_()
    for i, net in enumerate(nets):
        part = slice(HIDDEN * i, HIDDEN * (i + 1))
        gate[0].weight[part], gate[0].bias[part] = net[0].weight, net[0].bias
        gate[2].weight[0, part] = net[2].weight[0] / MEMBERS
        gate[2].bias += net[2].bias / MEMBERS
    gate[2].bias -= shift
    if wait is not None:
        gate[0].weight[-1, wait], gate[2].weight[0, -1] = 1, -WARY
    return gate


def fit_one(inputs, right, seed):
    """-> a member, its inputs' mean and spread folded in."""
    torch.manual_seed(seed)
    net, mean, spread = perceptron(inputs.shape[1], HIDDEN), inputs.mean(0), inputs.std(0) + 1e-6
    scaled, right = (inputs - mean) / spread, right.float()
    optimizer = torch.optim.Adam(net.parameters(), RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
    for _ in range(STEPS):
        k = torch.randint(len(scaled), (BATCH,))
        loss = nn.functional.binary_cross_entropy_with_logits(net(scaled[k]), right[k])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        net[0].weight /= spread
        net[0].bias -= net[0].weight @ mean
    return net.requires_grad_(False)


def clip(folder, i):
    """Clip i -> frames, queries, tracks, visible; rendered where the folder lacks it."""
    path = os.path.join(folder, f'{i:02d}')
    if not os.path.exists(path + '.npz'):
        seed = [SEED, i]
        made = list(lost_clips.SCRIPTS.values())[i % len(lost_clips.SCRIPTS)](np.random.RandomState(seed), textures.load_tiles(held_out=False))
        queries, tracks, visible = lost_clips.choose_points(np.random.RandomState(seed + [1]), made, np.zeros(3, int))
        write_video(path + '.mp4', made.frames, lost_clips.CRF)
        np.savez(path + '.part.npz', queries=queries, tracks=tracks, visible=visible)
        os.replace(path + '.part.npz', path + '.npz')
    truth = np.load(path + '.npz')
    return read_video(path + '.mp4'), truth['queries'], truth['tracks'], truth['visible']


def stream_clip(model, gates, folder, i):
    """-> as `stream_clips`, of one clip: numpy arrays, and what lost_metrics takes."""
    frames, queries, tracks, visible = clip(folder, i)
    log = []
    estimate, called = lost.stream_with_search(model, torch.from_numpy(frames), torch.from_numpy(queries), gates, log=log)
    log = {k: torch.cat([entry[k] for entry in log]) for k in log[0]}
    t, n = log['t'].numpy(), log['n'].numpy()
    scale = torch.tensor([256 / frames.shape[2], 256 / frames.shape[1]])
    truth = torch.from_numpy(tracks)[t, n]
    log.update(visible=torch.from_numpy(visible)[t, n] > 0, off=((log['xy'] - truth) * scale).norm(dim=-1), found_off=((log['found'] - truth) * scale).norm(dim=-1))
    return {k: v.numpy() for k, v in log.items()}, (metrics.raster_distance(estimate.numpy(), tracks, *frames.shape[1:3]), called.numpy(), visible > 0, queries)


def stream_clips(model, gates, folder, numbers):
    """-> what the gates saw, with `visible` and the distances `off` and `found_off`; and the scores of lost and found."""
    logs, rows = [], []
    job.clip = functools.partial(stream_clip, model, gates, folder)
    with multiprocessing.get_context('fork').Pool(os.cpu_count()) as pool:  # a clip's tensors are too small to share among cores
        for log, row in pool.imap(job, numbers):
            logs.append(log)
            rows.append(row)
            print('\rclip %d of %d' % (len(logs), len(numbers)), end='', flush=True)
    print()
    return {k: torch.from_numpy(np.concatenate([log[k] for log in logs])) for k in logs[0]}, lost_metrics.scores(rows)


def job(i):
    """What a forked process runs: job.clip, set before."""
    return job.clip(i)


def alone(inputs, name, seed):
    """inputs (N, INPUTS[name]) -> the same, some rows without neighbours."""
    heard = HEARD[name]
    none = torch.tensor((NONE * 2)[:heard - 1] + (0.,))
    deaf = torch.rand(len(inputs), 1, generator=torch.Generator().manual_seed(seed)) < ALONE
    return torch.cat([inputs[:, :-heard], torch.where(deaf, none, inputs[:, -heard:])], 1)


def fit_all(log, shifts):
    seen, shown = log['seen'], log['visible']
    return Gates(fit(log['keep'][seen], (shown & (log['off'] < ASTRAY))[seen], 0, shifts[0]),
                 fit(alone(log['stay'][~seen], 'stay', 3), (shown & (log['off'] < NEAR))[~seen], 1, shifts[1], WAIT['stay']),
                 fit(alone(log['find'][~seen], 'find', 4), (shown & (log['found_off'] < NEAR))[~seen], 2, shifts[2], WAIT['find']))


def surer(gates, shifts):
    """Makes the gates ask for that many logits more, in place."""
    for gate, shift in zip((gates.keep, gates.stay, gates.find), shifts):
        gate[2].bias -= shift


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    p.add_argument('--clips', default='runs/sight', help='folder of the clips; default: %(default)s')
    p.add_argument('--shift', nargs=3, type=float, default=SHIFTS, metavar=('KEEP', 'STAY', 'FIND'), help='how much surer than even a point must be, in logits; default: %(default)s')
    p.add_argument('--surer', nargs=3, type=float, default=SURER, metavar=('KEEP', 'STAY', 'FIND'), help='the same, moving the finished gates alone; default: %(default)s')
    a = p.parse_args()
    os.makedirs(a.clips, exist_ok=True)
    torch.set_num_threads(1)
    model, gates, logs = load_model(a.weights), rule(), []
    for numbers in (range(COUNT), range(0, COUNT, 2), range(1, COUNT, 2)):
        log, scores = stream_clips(model, gates, a.clips, numbers)
        print(json.dumps({k: round(float(v), 1) for k, v in scores.items()}), flush=True)
        logs.append(log)
        gates = fit_all({k: torch.cat([log[k] for log in logs]) for k in log}, a.shift)
    surer(gates, a.surer)
    write(a.weights, gates)


if __name__ == '__main__':
    main()
