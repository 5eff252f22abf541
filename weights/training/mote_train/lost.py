"""Lost points are found again by a match over the whole picture: python -m mote_train.lost WEIGHTS.safetensors [--folder ../heldout-lost]

Prints, for the clips of lost and found, what streaming does by itself at several thresholds and what it does with the search.
The definition that an engine's search is held to: `stream_with_search`, with the gates of the weights' metadata (`gates.py`).
"""
import argparse
import json
import os

import torch
import torch.nn.functional as F

from . import gates as gate_file
from . import lost_metrics, metrics
from .carry import FIRM, LiveCarrier
from .evaluate import load_model
from .heldout import clips
from .model import CENTRE, STRIDE, sample
from .neighbours import Neighbours, support, voices
from .tracking import WINDOW, encode_video, onward, stream

FOLDER = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'heldout-lost'))
SELF = 10  # pixels around its query in which a peak is the point itself
LEAST_MARGIN = .02  # a peak that stands out by less is not looked at


def scores(level, template):
    """level (C, h, w): one frame's level-0 map; template (N, 9, C) -> (N, h, w): mean product over the 3x3 patch, zeros outside."""
    kernel = template.transpose(1, 2).unflatten(-1, (3, 3)) / template.shape[1]
    return F.conv2d(level[None], kernel, padding=1)[0]


def at(score, xy):
    """score (N, h, w) at xy (N, 2) pixels, bilinear -> (N,)."""
    return sample(score[:, None], ((xy - CENTRE) / STRIDE)[:, None, None])[:, 0, 0, 0]


def peaks(score):
    """score (N, h, w) -> best (N, 2) pixels, its score (N,), the next best 5x5 maximum's (N,) (-1 where there is none). Of equal
    scores the first in row order is the best."""
    n, h, w = score.shape
    top = torch.where(score >= F.max_pool2d(score[:, None], 5, 1, 2)[:, 0], score, -1.).flatten(1)
    value, place = top.max(1)
    second = top.scatter(1, place[:, None], -1.).amax(1)
    return torch.stack([place % w, place // w], -1) * STRIDE + CENTRE, value, second


class Live:
    """Points of a stream and their windows, none of which starts before a point's frame `first`."""

    def __init__(self, model, pyramid, queries, frames):
        self.model, self.pyramid, self.asked = model, pyramid, queries[:, 0].long()
        self.first, self.n = self.asked.clone(), torch.arange(len(queries))
        self.estimate = queries[None, :, 1:].repeat(frames, 1, 1)
        self.template = [queries.new_zeros(len(queries), model.sdel.shape[1], model.C) for _ in pyramid.maps]
        self.own, self.second = queries.new_zeros(len(queries)), queries.new_zeros(len(queries))
        for q in self.asked.unique():
            n = self.n[self.asked == q]
            for mine, level in zip(self.template, model.template(pyramid, q[None], queries[n, 1:][None])):
                mine[n] = level[0]
            score = self.score(q, n)
            best, value, second = peaks(score)
            itself = (best - queries[n, 1:]).norm(dim=-1) <= SELF
            self.own[n], self.second[n] = at(score, queries[n, 1:]), torch.where(itself, second, value)

    def score(self, t, n):
        return scores(self.pyramid.maps[0][t], self.template[0][n])

    def refine(self, t, n, iterations):
        """The window of frame t for the points n, as `tracking.stream` has it. -> its frames (N, 8), refine's result for (N, 8, 1) of them."""
        first = torch.maximum(self.first[n], torch.tensor(t - WINDOW + 1))
        places = (first[:, None] + torch.arange(WINDOW)).clamp(max=t)
        last, before = self.estimate[t - 1, n], self.estimate[first.clamp(min=t - 2), n]  # nothing before `first` counts
        start = torch.where((places == t)[..., None], onward(last, before)[:, None], self.estimate[places.clamp(max=t - 1), n[:, None]])[:, :, None]
        out = self.model.refine(self.pyramid, places, [p[n, None] for p in self.template], start, iterations, (first == self.asked[n])[:, None])
        xy = out[-1][0].detach()
        for i in range(WINDOW):
            known = first + i <= t
            self.estimate[(first + i)[known], n[known]] = xy[known, i, 0]
        return places, out

    def step(self, t, n, iterations):
        """-> position (N, 2), logits (N, 2) of the points n in frame t."""
        places, out = self.refine(t, n, iterations)
        return tuple(self.newest(t, places, what) for what in out[-1])

    @staticmethod
    def newest(t, places, what):
        """what (N, 8, 1, ...) of windows of these places -> (N, ...) of their frame t."""
        return what[torch.arange(len(what)), t - places[:, 0], 0]

    def look(self, t, n):
        """-> score (N, h, w) of the points n in frame t; the best peak (N, 2), what it scores, and by how much more than the next (N,)."""
        score = self.score(t, n)
        best, value, second = peaks(score)
        return score, best, value, value - second

    def fresh(self, t, n, start):
        """A window of nothing but frame t, at rest at start (N, 2), unlocked, one iteration -> refine's result for (1, 8, N)."""
        places, still = torch.full((1, WINDOW), t), start[None, None].expand(1, WINDOW, -1, -1).to(self.own.dtype)
        return self.model.refine(self.pyramid, places, [p[n][None] for p in self.template], still, 1, torch.zeros(1, len(n), dtype=torch.bool))

    def restart(self, t, n, xy):
        """The points n are at xy in frame t, and their windows start there."""
        self.estimate[t, n], self.first[n] = xy, t


@torch.no_grad()
def stream_with_search(model, frames, queries, gates, iterations=1, log=None):
    """`tracking.stream` with the search. gates: gates.Gates. -> tracks (T, N, 2), called (T, N) bool: visible.

    Each frame, after the local window: a point that was called visible in the frame before stays so while gates.keep says so of
    its estimate. One that was not is called visible where gates.stay says so of its estimate, or gates.find of what a fresh
    window makes of the best peak of its template, whichever is the surer; in the second case its windows start anew on this
    frame. Else its local window goes on, unseen. Both gates hear what the point's neighbours say. What is said of
    a point that neither is called visible nor looks so to the model is where its neighbours carry it. log: a list that receives what the gates saw.
    """
    T, N = len(frames), len(queries)
    pyramid = encode_video(model, frames)
    queries = queries.to(pyramid.maps[0].dtype)
    live = Live(model, pyramid, queries, T)
    tracks, called = live.estimate.clone(), torch.zeros(T, N, dtype=torch.bool)
    called[live.asked, live.n] = True
    like, hidden, neighbours, carrier = live.own.clone(), torch.zeros(N), Neighbours(N), LiveCarrier(live.estimate, queries)
    for t in range(1, T):
        n = live.n[live.asked < t]
        if not len(n):
            continue
        seen = called[t - 1, n]
        xy, logits = live.step(t, n, iterations)
        score, best, value, margin = live.look(t, n)  # an engine looks for unseen points only
        found, fresh = (v[0, 0] for v in live.fresh(t, n, best)[-1])
        here, there = at(score, xy), at(score, found)
        own = [live.own[n], live.second[n]]
        keep = torch.stack([*logits.clamp(-8, 8).T, here, *own, ((xy - live.estimate[t - 1, n]).norm(dim=-1) / 4).clamp(max=4), here - like[n]], 1)
        wait = (hidden[n] / 8).clamp(max=8)
        kept = seen & (gates.keep(keep) > 0)
        steady = torch.zeros(N, dtype=torch.bool)
        steady[n] = kept
        said = neighbours.here(n, live.estimate[t], steady)
        local = support(said, xy)
        stay = torch.cat([keep, torch.stack([value - here, wait], 1), local, voices(said)], 1)
        find = torch.cat([fresh.clamp(-8, 8), torch.stack([there, value, margin, *own, ((found - xy).norm(dim=-1) / 16).clamp(max=4),
                                                           ((found - best).norm(dim=-1) / 4).clamp(max=4), wait], 1), keep[:, :3],
                          support(said, found), local, voices(said)], 1)
        stays = gates.stay(stay)
        finds = torch.where(margin > LEAST_MARGIN, gates.find(find), torch.tensor(-torch.inf))
        take = ~seen & (finds > 0) & (finds >= stays)
        live.restart(t, n[take], found[take])
        carrier.firm[:t, n[take]] = False  # where it was before says nothing of how it moves
        called[t, n] = kept | take | ~seen & (stays > 0)
        like[n], hidden[n] = torch.where(take, there, here), torch.where(called[t, n], 0, hidden[n] + 1)
        neighbours.remember(t, n[seen & ~called[t, n]], live.estimate, called)
        firm = called[t].clone()
        firm[n] |= torch.sigmoid(logits[:, 0]) > FIRM
        tracks[t] = carrier.step(t, live.estimate, firm, live.first)
        if log is not None:
            log.append(dict(t=torch.full_like(n, t), n=n, seen=seen, keep=keep, stay=stay, find=find, xy=xy, found=found, margin=margin))
    return tracks, called


def report(name, rows):
    print(json.dumps({'method': name, **{k: round(float(v), 1) for k, v in lost_metrics.scores(rows).items()}}), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('weights')
    p.add_argument('--folder', default=FOLDER)
    a = p.parse_args()
    model, gates, alone, searched = load_model(a.weights), gate_file.read(a.weights), {}, []
    for _, frames, truth in clips(a.folder):
        pictures, queries, visible = torch.from_numpy(frames), torch.from_numpy(truth['queries']), truth['visible'] > 0

        def row(tracks, called):
            return metrics.raster_distance(tracks.numpy(), truth['tracks'], *frames.shape[1:3]), called.numpy(), visible, truth['queries']
        tracks, logits = stream(model, pictures, queries)
        for threshold in (.4, .5, .6, .7, .8):
            alone.setdefault(threshold, []).append(row(tracks, torch.sigmoid(logits).prod(-1) > threshold))
        searched.append(row(*stream_with_search(model, pictures, queries, gates)))
    for threshold, rows in alone.items():
        report(f'streaming, visibility * confidence > {threshold}', rows)
    report('streaming with the search', searched)


if __name__ == '__main__':
    main()
