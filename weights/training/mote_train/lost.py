"""Lost points are found again by a match over the whole picture: python -m mote_train.lost WEIGHTS.safetensors [--folder ../heldout-lost]

Prints, for the clips of lost and found, what streaming does by itself at several thresholds and what it does with the search.
The definition that an engine's search is held to: `find` and `stream_with_search`.
"""
import argparse
import json
import os
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from . import lost_metrics, metrics
from .evaluate import load_model
from .heldout import clips
from .model import CENTRE, STRIDE, sample
from .tracking import WINDOW, encode_video, stream

FOLDER = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'heldout-lost'))


@dataclass(frozen=True)
class Search:
    """When a point is believed. sure: visibility * confidence; score: mean product of the nine template pixels with the map's,
    -1..1; margin: the best peak's score less the second's; distances in pixels of the frame."""
    keep_sure: float = .8  # a point that was visible in the frame before stays so above these
    keep_score: float = .53  # ... at its estimate
    far_margin: float = .13  # a lost one is taken up anywhere above these two
    far_sure: float = .7
    near_margin: float = .05  # ... and closer than near_px to its estimate above these three
    near_sure: float = .8
    near_score: float = .5
    near_px: float = 12.


def scores(level, template):
    """level (C, h, w): one frame's level-0 map; template (N, 9, C) -> (N, h, w): mean product over the 3x3 patch, zeros outside."""
    kernel = template.transpose(1, 2).unflatten(-1, (3, 3)) / template.shape[1]
    return F.conv2d(level[None], kernel, padding=1)[0]


def peaks(score):
    """score (N, h, w) -> best (N, 2) pixels, its score (N,), its margin (N,) over the next best 5x5 maximum (over -1 where there
    is none). Of equal scores the first in row order is the best."""
    n, h, w = score.shape
    top = torch.where(score >= F.max_pool2d(score[:, None], 5, 1, 2)[:, 0], score, -1.).flatten(1)
    value, at = top.max(1)
    second = top.scatter(1, at[:, None], -1.).amax(1)
    return torch.stack([at % w, at // w], -1) * STRIDE + CENTRE, value, value - second


def find(model, pyramid, t, template, score):
    """A fresh window at the best peak: all its frames are t, it starts there at rest, unlocked, one iteration.

    template: per level (N, 9, C); score (N, h, w) -> position (N, 2), sure (N,), the peak's score (N,) and margin (N,).
    """
    best, value, margin = peaks(score)
    start = best[None, None].expand(1, model.S, -1, -1).to(score.dtype)
    frames = torch.full((1, model.S), t)
    xy, logits = model.refine(pyramid, frames, [p[None] for p in template], start, 1, torch.zeros(1, len(best), dtype=torch.bool))[-1]
    return xy[0, 0], torch.sigmoid(logits[0, 0]).prod(-1), value, margin


class Live:
    """Points of a stream and their windows, none of which starts before a point's frame `first`."""

    def __init__(self, model, pyramid, queries, frames):
        self.model, self.pyramid, self.asked = model, pyramid, queries[:, 0].long()
        self.first, self.n = self.asked.clone(), torch.arange(len(queries))
        self.estimate = queries[None, :, 1:].repeat(frames, 1, 1)
        self.template = [queries.new_zeros(len(queries), model.sdel.shape[1], model.C) for _ in pyramid.maps]
        for q in self.asked.unique():
            these = self.asked == q
            for mine, level in zip(self.template, model.template(pyramid, q[None], queries[these, 1:][None])):
                mine[these] = level[0]

    def step(self, t, n, iterations):
        """The window of frame t for the points n, as `tracking.stream` has it. -> position (N, 2), sure (N,)."""
        first = torch.maximum(self.first[n], torch.tensor(t - WINDOW + 1))
        places = (first[:, None] + torch.arange(WINDOW)).clamp(max=t)
        start = self.estimate[places.clamp(max=t - 1), n[:, None]][:, :, None]
        xy, logits = self.model.refine(self.pyramid, places, [p[n, None] for p in self.template], start, iterations, (first == self.asked[n])[:, None])[-1]
        slot = t - first
        for i in range(WINDOW):
            known = i <= slot
            self.estimate[(first + i)[known], n[known]] = xy[known, i, 0]
        row = torch.arange(len(n))
        return xy[row, slot, 0], torch.sigmoid(logits[row, slot, 0]).prod(-1)

    def restart(self, t, n, xy):
        """The points n are at xy in frame t, and their windows start there."""
        self.estimate[t, n], self.first[n] = xy, t


@torch.no_grad()
def stream_with_search(model, frames, queries, search=Search(), iterations=1):
    """`tracking.stream` with the search. -> tracks (T, N, 2), called (T, N) bool: visible.

    Each frame, after the local window: a point that was called visible in the frame before stays so where its window is sure,
    and the template fits at the estimate. A point that was not is called visible only where the search finds it; its windows
    then start anew on this frame. Else its local window goes on, unseen.
    """
    T, N = len(frames), len(queries)
    pyramid = encode_video(model, frames)
    queries = queries.to(pyramid.maps[0].dtype)
    live = Live(model, pyramid, queries, T)
    tracks, called = live.estimate.clone(), torch.zeros(T, N, dtype=torch.bool)
    called[live.asked, live.n] = True
    for t in range(1, T):
        n = live.n[live.asked < t]
        if not len(n):
            continue
        seen = called[t - 1, n]
        xy, sure = live.step(t, n, iterations)
        score = scores(pyramid.maps[0][t], live.template[0][n])  # an engine needs all of it for unseen points only
        here = sample(score[:, None], ((xy - CENTRE) / STRIDE)[:, None, None])[:, 0, 0, 0]
        tracks[t, n], called[t, n] = xy, seen & (sure > search.keep_sure) & (here > search.keep_score)
        lost = torch.nonzero(~seen)[:, 0]
        if not len(lost):
            continue
        found, sure, value, margin = find(model, pyramid, t, [p[n[lost]] for p in live.template], score[lost])
        near = (found - xy[lost]).norm(dim=-1) < search.near_px
        take = ((margin > search.far_margin) & (sure > search.far_sure)
                | near & (margin > search.near_margin) & (sure > search.near_sure) & (value > search.near_score))
        live.restart(t, n[lost][take], found[take])
        tracks[t, n[lost][take]], called[t, n[lost][take]] = found[take], True
    return tracks, called


def report(name, rows):
    print(json.dumps({'method': name, **{k: round(float(v), 1) for k, v in lost_metrics.scores(rows).items()}}), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    p.add_argument('--folder', default=FOLDER)
    a = p.parse_args()
    model, alone, searched = load_model(a.weights), {}, []
    for _, frames, truth in clips(a.folder):
        pictures, queries, visible = torch.from_numpy(frames), torch.from_numpy(truth['queries']), truth['visible'] > 0

        def row(tracks, called):
            return metrics.raster_distance(tracks.numpy(), truth['tracks'], *frames.shape[1:3]), called.numpy(), visible, truth['queries']
        tracks, logits = stream(model, pictures, queries)
        for threshold in (.4, .5, .6, .7, .8):
            alone.setdefault(threshold, []).append(row(tracks, torch.sigmoid(logits).prod(-1) > threshold))
        searched.append(row(*stream_with_search(model, pictures, queries)))
    for threshold, rows in alone.items():
        report(f'streaming, visibility * confidence > {threshold}', rows)
    report('streaming with the search', searched)


if __name__ == '__main__':
    main()
