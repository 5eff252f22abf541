"""Coarse to fine: a tracker, and a second one of the same form that sees the picture at twice the size and begins where the first
ends. The first reaches far and knows what is hidden; the second has twice the resolution and hardly a way to go.
"""
import torch
import torch.nn.functional as F

from .model import Pyramid, Tracker

SCALE = 2  # of the picture that the fine tracker sees
ITERATIONS = 2  # of the fine tracker in each window, whatever the coarse one's
PREFIX = 'fine.'  # of its parameters' names


def enlarged(xy):
    """Pixels of the picture -> pixels of the enlarged one."""
    return (xy + .5) * SCALE - .5


def reduced(xy):
    return (xy + .5) / SCALE - .5


class BothPyramids(Pyramid):
    """Levels of the coarse tracker's pyramid, then those of the fine one's."""

    def __init__(self, coarse, fine):
        self.coarse, self.fine = coarse, fine
        self.maps, self.rows = coarse.maps + fine.maps, coarse.rows + fine.rows


class CoarseToFine(Tracker):
    """The coarse tracker, with the fine one in `fine`."""

    def __init__(self, **sizes):
        super().__init__(**sizes)
        self.fine = Tracker(**sizes)

    def ships(self, name):
        return super().ships(name.removeprefix(PREFIX))

    def see(self, pictures, batch=None):
        """As Tracker.see, of both sizes; bilinear between pixel centres, the border repeated."""
        parts = pictures.split(batch or len(pictures))
        large = [F.interpolate(p.to(self.temb.dtype), scale_factor=SCALE, mode='bilinear', align_corners=False) for p in parts]
        return BothPyramids(super().see(pictures, batch), self.fine.pyramid(torch.cat([self.fine.encode(p) for p in large])))

    def template(self, pyramid, frames, xy):
        """Per level of both."""
        return super().template(pyramid.coarse, frames, xy) + self.fine.template(pyramid.fine, frames, enlarged(xy))

    def refine(self, pyramid, frames, template, start, iterations, locked, stages=None):
        """As Tracker.refine: the coarse tracker's iterations, then the fine one's. Of these the logits are the mean of both.

        stages: of the coarse tracker.
        """
        coarse = super().refine(pyramid.coarse, frames, template[:self.levels], start, iterations, locked, stages)
        xy, logits = coarse[-1]
        fine = self.fine.refine(pyramid.fine, frames, template[self.levels:], enlarged(xy.detach()), ITERATIONS, locked)
        return coarse + [(reduced(p), (l + logits) / 2) for p, l in fine]


def fine_of(state):
    """The fine tracker's part of a state dict, under the names that a Tracker has; empty where there is none."""
    return {k.removeprefix(PREFIX): v for k, v in state.items() if k.startswith(PREFIX)}


def model_of(state):
    """The model of a weight file's tensors, ready to track."""
    family = CoarseToFine if fine_of(state) else Tracker
    return family(**family.sizes(state)).eval().load_shipped(state)
