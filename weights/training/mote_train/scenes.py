"""Layered clips with exact tracks and visibility, hidden points included.

A clip is a list of layers, painted far to near, and an owner map a frame. A point belongs to the layer that owns its pixel on
its query frame; its track is that layer's motion; it is visible where its own layer owns the nearest pixel.
"""
import math

import cv2
import numpy as np

from . import things
from .motion import Camera, walk
from .textures import smooth_noise


class Clip:
    """frames (S, H, W, 3) uint8; owner (S, H, W) uint8; layers; `order` maps a shown frame to a rendered one."""

    def __init__(self, frames, owner, layers, order):
        self.frames, self.owner, self.layers, self.order = frames, owner, layers, order

    def tracks(self, query_frame, xy):
        """xy (P, 2) pixels of frame query_frame -> tracks (S, P, 2) float32, visible (S, P) bool."""
        S, H, W = self.owner.shape
        tracks, visible = np.zeros((S, len(xy), 2), np.float64), np.zeros((S, len(xy)), bool)
        r = np.rint(xy).astype(int)
        own = self.owner[query_frame, r[:, 1], r[:, 0]]
        for l in np.unique(own):
            i = np.flatnonzero(own == l)
            on_texture = self.layers[l].look_up(xy[i].astype(np.float64), self.order[query_frame])
            for s in range(S):
                tracks[s, i] = self.layers[l].project(on_texture, self.order[s])
        r = np.rint(np.clip(tracks, -10, 10 + max(H, W))).astype(int)
        inside = (r >= 0).all(-1) & (r[..., 0] < W) & (r[..., 1] < H)
        seen = self.owner[np.arange(S)[:, None], r[..., 1].clip(0, H - 1), r[..., 0].clip(0, W - 1)]
        visible[:] = inside & (seen == own)
        return tracks.astype(np.float32), visible


def compose(rng, frames, height, width, fastest, tiles):
    """The layers of a random scene, far to near."""
    speed = width / 160 * math.exp(rng.uniform(math.log(.2), math.log(fastest)))  # pixels a frame, before a path's own changes
    camera = Camera(rng, frames, height, width, speed * rng.choice([.5, 1, 1.5]))
    layers = things.background(rng, camera, frames, height, width, tiles)

    def somewhere():
        return rng.uniform(-.1, 1.1) * width, rng.uniform(-.1, 1.1) * height

    if rng.rand() < .4:  # a ground or a wall that stands still in the world, nearer than the background
        layers += things.thing(rng, camera, frames, (rng.uniform(0, width), rng.uniform(.6, 1.2) * height),
                               width * rng.uniform(.7, 1.3), 0, 'polygon', tiles, 0, 1.2)
    movers = [lambda: things.thing(rng, camera, frames, somewhere(), width * rng.uniform(.14, .6), speed,
                                   rng.choice(['blob', 'polygon', 'ellipse', 'bar'], p=[.5, .2, .2, .1]), tiles)
              for _ in range(rng.randint(2, 6))]
    if rng.rand() < .5:
        movers += [lambda: things.figure(rng, camera, frames, somewhere(), width * rng.uniform(.2, .55), speed * .6, tiles)] * rng.randint(1, 3)
    for i in rng.permutation(len(movers)):
        layers += movers[i]()
    for _ in range(rng.randint(0, 4)):  # what passes in front
        layers += things.thing(rng, camera, frames, somewhere(), width * rng.uniform(.25, .9),
                               speed * rng.choice([0, 1, 2]), rng.choice(['bar', 'fence', 'blob', 'polygon'], p=[.4, .2, .2, .2]),
                               tiles, rng.choice([0, .3]), rng.uniform(1.2, 2))
    return layers


def develop(rng, pictures):
    """What a camera does to (S, H, W, 3) float32 pictures: moving shade, gain and brightness drift, blur, noise, JPEG; uint8."""
    S, H, W, _ = pictures.shape
    if rng.rand() < .3:
        shade, drift = smooth_noise(rng, 1, 2 * W, [W // 3], 0)[..., 0], np.stack([walk(rng, S, 3, .9) for _ in 'xy'], -1)
        shade = 1 - rng.uniform(.2, .6) / (1 + np.exp(-np.clip(shade * rng.uniform(2, 12), -30, 30)))
        for s in range(S):
            x, y = np.clip(W / 2 + drift[s], 0, [W - 1, 2 * W - H - 1]).astype(int)
            pictures[s] *= shade[y:y + H, x:x + W, None]
    if rng.rand() < .6:
        gain, shift = np.exp(walk(rng, S, .02, .7)), walk(rng, S, .012, .7)
        pictures = (pictures - .5) * gain.clip(.5, 2)[:, None, None, None] + .5 + shift.clip(-.3, .3)[:, None, None, None]
    blur = rng.uniform(.4, 1.4) if rng.rand() < .4 else 0
    quality = rng.randint(25, 90) if rng.rand() < .5 else 0
    grain = rng.uniform(0, .03)
    field = rng.randn(H + 32, W + 32, 3).astype(np.float32) * grain
    out = np.empty(pictures.shape, np.uint8)
    for s in range(S):
        picture = cv2.GaussianBlur(pictures[s], (0, 0), blur) if blur else pictures[s]
        y, x = rng.randint(0, 32, 2)  # one field of grain at a random place: as good as new grain, at a tenth of the cost
        out[s] = (np.clip(picture + field[y:y + H, x:x + W], 0, 1) * 255 + .5).astype(np.uint8)
        if quality:
            out[s] = cv2.imdecode(cv2.imencode('.jpg', out[s], [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return out


def paint(layers, rendered, height, width):
    """-> pictures (S, H, W, 3) float32, owner (S, H, W) uint8."""
    pictures, owner = np.zeros((rendered, height, width, 3), np.float32), np.zeros((rendered, height, width), np.uint8)
    for s in range(rendered):
        for index, layer in enumerate(layers):
            layer.paint(pictures[s], owner[s], index, s)
    return pictures, owner


def make_clip(seed, tiles, frames=32, height=160, width=224, fastest=10):
    """A random clip. One in five runs forwards and then backwards, so that what left returns. fastest: pixels a frame at
    a width of 160."""
    rng = np.random.RandomState(seed)
    there_and_back = rng.rand() < .2
    rendered = frames // 2 + 1 if there_and_back else frames
    order = np.arange(frames)
    order = np.where(order < rendered, order, 2 * (rendered - 1) - order)
    layers = compose(rng, rendered, height, width, fastest, tiles)
    pictures, owner = paint(layers, rendered, height, width)
    return Clip(develop(rng, pictures[order]), owner[order], layers, order)
