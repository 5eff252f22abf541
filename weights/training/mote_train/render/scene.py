"""Random scenes, B at once with the same structure: layers with exact, invertible maps.

A layer's own pixels have their origin at its centre. picture -> own: inverse of its map, then plus a displacement of two
travelling sine waves where it is `wavy`; own -> picture: the same backwards by fixed point, exact to float rounding because the
waves' slope is held under 0.35. Colour is read from the bank's texture at own * DENSITY + offset, alpha at own / (extent / 2).
"""
import math

import torch

from .motion import Camera, body_maps, path, rotation, scaling, translation, walk
from .outlines import outline

DENSITY = 1.15  # texture pixels to an own pixel: neither blurs nor shimmers


class Waves:
    """A smooth displacement of own pixels, (B,) of them, two sines each."""

    def __init__(self, draw, n, extent, strength):
        self.k = draw.normal(n, 2, 2) * 2 * math.pi / extent[:, None, None] * draw.uniform(.5, 1.6, n, 2, 1)
        angle = draw.uniform(0, 2 * math.pi, n, 2)
        slope = self.k.norm(dim=-1) + 1e-6
        amplitude = torch.minimum(strength[:, None] * extent[:, None], .35 / 2 / slope)
        self.way = torch.stack([angle.cos(), angle.sin()], -1) * amplitude[..., None]
        self.phase, self.speed = draw.uniform(0, 6, n, 2), draw.uniform(-.4, .4, n, 2)

    def __call__(self, x, y, t):
        """x, y (B, ...), frames t that broadcast with them -> displacements like x and y."""
        lead = (-1,) + (1,) * (x.dim() - 1)
        dx = dy = 0
        for i in (0, 1):
            s = (x * self.k[:, i, 0].view(lead) + y * self.k[:, i, 1].view(lead) + (self.phase[:, i].view(lead) + self.speed[:, i].view(lead) * t)).sin()
            dx, dy = dx + s * self.way[:, i, 0].view(lead), dy + s * self.way[:, i, 1].view(lead)
        return dx, dy


class Layer:
    """B layers in one place of the order. maps (B, T, 3, 3) own -> picture; alpha (B, 1, SIDE, SIDE) or None: everywhere;
    extent (B,) own pixels; texture (B,) of the bank; offset (B, 2); gain (B, T); shadow (B, T, 2) pixels or None."""

    def __init__(self, draw, maps, extent, kind, bank, waves=None):
        n = len(maps)
        self.maps, self.extent, self.waves, self.shadow = maps, extent, waves, None
        self.alpha = outline(draw, kind, n) if kind else None
        self.texture, self.offset = draw.below(bank, n), draw.uniform(0, 1, n, 2)
        self.gain = walk(draw, (n,), maps.shape[1], .02 * draw.chance(.5, n).float(), .8).clamp(-.5, .5).exp()


class Scene:
    """layers far to near; swaps: (i, (B, T) bool): layers i and i + 1 change places there; order (T,): the frame of the maps
    that each shown frame shows. things: 4 to 10 of background, wall, movers and articulated figures; occluders: up to 12 in front."""

    def __init__(self, layers, swaps, order, things, occluders):
        self.layers, self.swaps, self.order, self.things, self.occluders = layers, swaps, order, things, occluders


def figure(draw, camera, frames, at, extent, speed, bank):
    """An articulated walker: far legs, trunk and head, near legs, in one coat."""
    n, one = len(at), torch.ones(len(at), device=draw.device)
    base = body_maps(draw, camera, frames, at, speed, .15, draw.uniform(1, 1.3, n))
    t = torch.arange(frames, device=draw.device)
    phase = 2 * math.pi * t / draw.uniform(7, 40, n, 1)
    swing = draw.uniform(.2, .8, n, 1)

    def limb(parent, x, y, angle, length):
        hang = parent @ translation(x[:, None], y[:, None]) @ rotation(angle)
        return hang, Layer(draw, hang @ translation(0 * length[:, None], .36 * length[:, None]), length, 'capsule', bank)
    trunk = Layer(draw, base @ scaling(one, .75 * one)[:, None], extent, 'ellipse', bank)
    _, head = limb(base, .4 * extent, -.05 * extent, -2.2 + .3 * (phase * .5 + 1).sin(), .45 * extent)
    legs = []
    for i in range(2 if draw.host.rand() < .35 else 4):
        f, length = draw.uniform(0, 6, n, 1), extent * draw.uniform(.34, .42, n)
        thigh, upper = limb(base, (-.3 if i % 2 else .3) * extent, .15 * extent, swing * (phase + f).sin(), length)
        _, lower = limb(thigh, 0 * extent, .7 * length, swing * (.6 + .6 * (phase + f + draw.uniform(.5, 1.5, n, 1)).sin()), length)
        legs.append([lower, upper])
    layers = sum(legs[:len(legs) // 2], []) + [head, trunk] + sum(legs[len(legs) // 2:], [])
    for layer in layers:
        layer.texture = trunk.texture
    return layers


def chain(draw, camera, frames, at, extent, speed, bank):
    """A chain of capsules that bends at its joints."""
    n, parts = len(at), int(draw.host.randint(3, 6))
    length = extent / parts * 1.6
    hang, layers = body_maps(draw, camera, frames, at, speed, 1., draw.uniform(1, 1.5, n)), []
    for _ in range(parts):
        layers.append(Layer(draw, hang @ translation(0 * length[:, None], .36 * length[:, None]), length, 'capsule', bank))
        bend = draw.uniform(-.5, .5, n, 1) + walk(draw, (n,), frames, .06, .85).clamp(-1.4, 1.4)
        hang = hang @ translation(0 * length[:, None], .7 * length[:, None]) @ rotation(bend)
    return layers


def make_scene(draw, clips, frames, height, width, bank, fastest):
    """bank: textures to choose from; fastest: pixels a frame at a width of 160. One in five runs forwards, then backwards."""
    host, dev = draw.host, draw.device
    back_and_forth = host.rand() < .2
    rendered = frames // 2 + 1 if back_and_forth else frames
    order = torch.arange(frames, device=dev)
    order = torch.where(order < rendered, order, 2 * (rendered - 1) - order)
    speed = width / 160 * draw.uniform(math.log(.2), math.log(fastest), clips).exp()
    camera = Camera(draw, clips, rendered, height, width, speed * draw.uniform(.5, 1.5, clips))
    size = draw.constant([float(width), height])
    ones = torch.ones(clips, device=dev)

    def somewhere():
        return draw.uniform(-.1, 1.1, clips, 2) * size

    def thing(kind, low, high, pace, turning=1., near=(1, 1.5), at=None):
        extent = draw.uniform(low, high, clips) * width
        maps = body_maps(draw, camera, rendered, somewhere() if at is None else at, speed * pace, turning, draw.uniform(*near, clips))
        wavy = kind in ('blob', 'ellipse') and host.rand() < .4
        return Layer(draw, maps, extent, kind, bank, Waves(draw, clips, extent, draw.uniform(.01, .05, clips)) if wavy else None)
    ground = camera.maps(ones) @ translation(size[0] / 2, size[1] / 2)
    layers = [Layer(draw, ground, 1.5 * width * ones, None, bank, Waves(draw, clips, 1.5 * width * ones, .006 * ones) if host.rand() < .15 else None)]
    if host.rand() < .4:  # a ground or a wall that stands still in the world, nearer than the background
        low, room = draw.constant([0, .6 * height]), draw.constant([float(width), .6 * height])
        layers.append(thing('block', .7, 1.3, 0, 0, (1.2, 1.2), low + draw.uniform(0, 1, clips, 2) * room))
    movers = len(layers)
    for _ in range(host.randint(3, 7)):
        layers.append(thing(host.choice(['blob', 'polygon', 'ellipse', 'bar'], p=[.45, .25, .2, .1]), .14, .6, 1))
    swaps = [(i, (path(draw, clips, rendered, ones)[..., 0] > draw.uniform(-3, 3, clips, 1))) for i in range(movers, len(layers) - 1, 2) if host.rand() < .4]
    things = len(layers)
    for make, share in ((figure, .35), (chain, .2)):
        if host.rand() < share:
            things += 1
            layers += make(draw, camera, rendered, somewhere(), draw.uniform(.2, .5, clips) * width, speed * .6, bank)
    occluders = int(host.choice([0, 1, 2, 3, 5, 8, 12], p=[.25, .25, .2, .12, .08, .06, .04]))
    for _ in range(occluders):
        small = host.rand() < .4
        layers.append(thing(host.choice(['bar', 'fence', 'blob', 'polygon'], p=[.4, .15, .2, .25]), .06 if small else .25, .25 if small else .9,
                            float(host.choice([0, 1, 2])), float(host.choice([0, .3])), (1.2, 2)))
    for i in range(movers, len(layers)):
        if host.rand() < .12:
            layers[i].shadow = draw.uniform(-.1, .1, clips, 1, 2) * layers[i].extent[:, None, None].expand(-1, rendered, -1)
    return Scene(layers, swaps, order, things, occluders)
