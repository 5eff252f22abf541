"""Score weights: python -m mote_train.evaluate [WEIGHTS.safetensors ...] [--heldout FOLDER] [--real FOLDER] [--iterations 3] [--hop 4]

Rows: zero motion, pyramidal Lucas-Kanade, then each weight file, offline (overlapping windows of 8). Held-out clips choose
between models. --real is a folder with camel/, cows/, masks/, badja/ and cmu_house/ (BADJA PCK at 0.2 on 512x320, Biggs et al.
2018; mean, median and last-frame median error of the CMU house): looked at, never chosen by.
"""
import argparse
import glob
import json
import os
import re

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

from . import baselines, heldout, metrics
from .fine import model_of
from .tracking import HOP, ITERATIONS, encode_video, track

JOINTS = [8, 9, 10, 12, 13, 14, 15, 18, 19, 20, 22, 23, 24, 25, 28, 31, 32, 33, 35, 36]
HELDOUT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'heldout'))


def load_model(path):
    return model_of(load_file(path))


def tracker(model, iterations=ITERATIONS, hop=HOP, together=None):
    """A function (frames uint8 array, queries (N, 3)) -> (tracks, visibility) arrays. together: points that are tracked at a time, and
    may carry each other; default: all. 1: every point by itself."""
    def run(frames, queries):
        frames, queries = torch.from_numpy(frames), torch.from_numpy(queries)
        with torch.no_grad():
            pyramid = encode_video(model, frames)
        xy, visibility = torch.zeros(len(frames), len(queries), 2), torch.zeros(len(frames), len(queries))
        for n in torch.randperm(len(queries), generator=torch.Generator().manual_seed(1)).split(together or len(queries)):
            xy[:, n], logits = track(model, frames, queries[n], iterations, hop, pyramid)
            visibility[:, n] = torch.sigmoid(logits[..., 0])
        return xy.numpy(), visibility.numpy()
    return run


def heldout_rows(method, folder):
    """-> figures by name, a clip each."""
    rows = []
    for _, frames, truth in heldout.clips(folder):
        visible = truth['visible'] > 0
        tracks, visibility = method(frames, truth['queries'])
        distance = metrics.raster_distance(tracks, truth['tracks'], *frames.shape[1:3])
        rows.append(metrics.scores(distance, visible, truth['queries'], visibility))
    return rows


def heldout_scores(method, folder):
    """-> figures by name, averaged over the clips."""
    rows = heldout_rows(method, folder)
    return {k: float(np.mean([r[k] for r in rows])) for k in rows[0]}


def natural(path):
    return [int(t) if t.isdigit() else t for t in re.split(r'(\d+)', path)]


def badja(method, root, video):
    """-> PCK at 0.2 in percent: 20 joints, all queried on the first annotated frame, threshold 0.2 sqrt(mask area)."""
    with open(f'{root}/badja/{video}.json') as f:
        marks = {int(re.findall(r'\d+', a['image_path'])[-1]): a for a in json.load(f)}
    files = sorted(glob.glob(f'{root}/{video}/*.jpg'), key=natural)
    first, last = min(marks), min(max(marks), len(files) - 1)
    frames = np.stack([np.asarray(Image.open(f).convert('RGB').resize((512, 320), Image.BILINEAR)) for f in files[first:last + 1]])

    def joints(a):
        xy = np.array(a['joints'], float)[JOINTS][:, ::-1] * [512 / 1920, 320 / 1080]
        return xy.astype(np.float32), np.array(a['visibility'])[JOINTS] > 0
    queries = np.concatenate([np.zeros((len(JOINTS), 1), np.float32), joints(marks[first])[0]], 1)
    tracks, _ = method(frames, queries)
    hits = []
    for f, a in marks.items():
        if first < f <= last:
            truth, visible = joints(a)
            mask = np.asarray(Image.open(f'{root}/masks/{video}/{f:05d}.png').convert('L').resize((512, 320), Image.NEAREST))
            hits += list((np.linalg.norm(tracks[f - first] - truth, axis=1) < .2 * np.sqrt((mask > 0).sum()))[visible])
    return 100 * float(np.mean(hits))


def house(method, root):
    """-> mean, median and last-frame median error in pixels over frames 1 to 110 of the 30 points of frame 0."""
    truth = np.load(f'{root}/cmu_house/tracks_111x30x2_xy.npy').astype(np.float32)
    files = sorted(glob.glob(f'{root}/cmu_house/images/*.png'), key=natural)
    frames = np.stack([np.asarray(Image.open(f).convert('RGB')) for f in files])
    queries = np.concatenate([np.zeros((truth.shape[1], 1), np.float32), truth[0]], 1)
    error = np.linalg.norm(method(frames, queries)[0] - truth, axis=2)
    return float(error[1:].mean()), float(np.median(error[1:])), float(np.median(error[-1]))


def evaluate(method, folder, root):
    figures = heldout_scores(method, folder) if folder else {}
    if root:
        for video in ('camel', 'cows'):
            figures[f'{video}_pck'] = badja(method, root, video)
        figures.update(zip(('house_mean_px', 'house_median_px', 'house_last_median_px'), house(method, root)))
    return figures


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights', nargs='*')
    p.add_argument('--heldout', default=HELDOUT)
    p.add_argument('--real')
    p.add_argument('--iterations', type=int, default=ITERATIONS)
    p.add_argument('--hop', type=int, default=HOP)
    p.add_argument('--together', type=int, help='points tracked at a time: others carry a hidden point; default: all')
    p.add_argument('--no-baselines', action='store_true')
    a = p.parse_args()
    methods = {}
    if not a.no_baselines:
        methods['zero motion'] = lambda f, q: (baselines.zero_motion(f, q), None)
        methods['Lucas-Kanade'] = lambda f, q: (baselines.lucas_kanade(f, q), None)
    for w in a.weights:
        methods[w] = tracker(load_model(w), a.iterations, a.hop, a.together)
    for name, method in methods.items():
        print(json.dumps({'method': name, **{k: round(v, 2) for k, v in evaluate(method, a.heldout, a.real).items()}}), flush=True)


if __name__ == '__main__':
    main()
