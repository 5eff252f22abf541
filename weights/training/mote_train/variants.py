"""Trackers that the engine does not run, for the ablations alone: two templates a point, and windows of 16 frames."""
import torch
import torch.nn as nn

from .losses import matching_loss, sequence_loss
from .model import Tracker
from .tracking import encode_video

SURE = .5  # visibility times confidence from which on an estimate's patch becomes the second template


class TwoTemplates(Tracker):
    """Each position is compared with the query's patch, which never changes, and with that of a recent sure estimate."""

    def __init__(self, **sizes):
        super().__init__(**sizes)
        self.cl = nn.ModuleList([nn.Linear(2 * layer.in_features, layer.out_features) for layer in self.cl])

    def template(self, pyramid, frames, xy):
        """Per level (B, N, 18, C): the query's patch, and again until there is another."""
        return [torch.cat([level, level], 2) for level in super().template(pyramid, frames, xy)]

    def refine(self, pyramid, frames, template, start, iterations, locked, stages=None):
        """Renews the list `template` in place, for the windows that follow."""
        out = super().refine(pyramid, frames, template, start, iterations, locked, stages)
        template[:] = self.renewed(pyramid, frames, template, *(v.detach() for v in out[-1]))
        return out

    def renewed(self, pyramid, frames, template, xy, logits):
        """Second patches from the window's last sure frame, where there is one. xy and logits (B, S, N, 2)."""
        B, S, N, _ = xy.shape
        sure = torch.sigmoid(logits).prod(-1) > SURE
        last = torch.where(sure, torch.arange(1, S + 1, device=xy.device)[:, None], 0).amax(1)
        place = (last - 1).clamp(min=0)[:, None]
        out = []
        for old, seen in zip(template, Tracker.template(self, pyramid, frames.flatten(), xy.flatten(0, 1))):
            half = seen.shape[2]
            patch = seen.unflatten(0, (B, S)).gather(1, place[..., None, None].expand(-1, 1, -1, half, self.C))[:, 0]
            second = torch.where((last > 0)[..., None, None], patch, old[:, :, half:])
            out.append(torch.cat([old[:, :, :half], second], 2))
        return out


class LongWindow(Tracker):
    """Windows of 16 frames. Each half counts its flow from its own first frame, as two windows of 8 do."""

    def mixer_input(self, correlations, co, state, template):
        halves = [slice(i, i + 8) for i in range(0, self.S, 8)]
        return torch.cat([super(LongWindow, self).mixer_input([c[:, h] for c in correlations], co[:, h], state[:, h], template)
                          for h in halves], 1)


def unroll(model, pyramid, frames, template, start, locked, hop, iterations):
    """tracking.unroll for windows of any length; the last is the first that reaches the last frame."""
    S, T = model.S, frames.shape[1]
    start = torch.cat([start, start[:, -1:].expand(-1, S - start.shape[1], -1, -1)], 1)
    estimate, known = start.new_zeros(len(start), T, *start.shape[2:]), None
    for first in range(0, max(0, T - S + hop - 1) // hop * hop + 1, hop):
        places = torch.arange(first, first + S, device=frames.device).clamp(max=T - 1)
        begin = start if known is None else estimate[:, places.clamp(max=known)]
        locks = locked if first == 0 else torch.zeros_like(locked)
        out = model.refine(pyramid, frames[:, places], template, begin, iterations, locks)
        known = int(places[-1])
        estimate[:, first:known + 1] = out[-1][0][:, :known - first + 1].detach()
        yield places, out


def losses(model, batch, hop, iterations):
    """train.losses, likewise."""
    frames, query, start, truth, visible, locked = batch
    B, T = frames.shape[:2]
    maps = model.encode(frames.flatten(0, 1))
    pyramid, ids = model.pyramid(maps), torch.arange(B * T, device=maps.device).reshape(B, T)
    template = model.template(pyramid, ids[:, 0], query)
    centre = template[0][:, :, model.sdel.shape[1] // 2]
    each = [sequence_loss(out, truth[:, places], visible[:, places])
            for places, out in unroll(model, pyramid, ids[:, 1:], template, start, locked, hop, iterations)]
    return torch.stack(each).mean() + .2 * matching_loss(model, centre, maps[ids[:, 1:].flatten()], truth, visible)


@torch.no_grad()
def track(model, frames, queries, iterations, hop):
    """tracking.track, likewise. frames (T, H, W, 3) uint8 array, queries (N, 3) -> tracks (T, N, 2), visibility (T, N) arrays."""
    T, queries = len(frames), torch.from_numpy(queries)
    pyramid = encode_video(model, torch.from_numpy(frames))
    tracks, logits = queries[None, :, 1:].repeat(T, 1, 1), torch.zeros(T, len(queries))
    for q in queries[:, 0].long().unique().tolist():
        n = torch.nonzero(queries[:, 0].long() == q)[:, 0]
        xy = queries[None, n, 1:]
        template = model.template(pyramid, torch.tensor([q]), xy)
        for places, out in unroll(model, pyramid, torch.arange(q, T)[None], template, xy[:, None].expand(-1, model.S, -1, -1),
                                  torch.ones(1, len(n), dtype=torch.bool), hop, iterations):
            first, last = q + int(places[0]), q + int(places[-1])
            tracks[first:last + 1, n], logits[first:last + 1, n] = out[-1][0][0, :last - first + 1], out[-1][1][0, :last - first + 1, :, 0]
    return tracks.numpy(), torch.sigmoid(logits).numpy()
