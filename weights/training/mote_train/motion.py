"""Random paths over time: walks with inertia, sway, stops and reversals. All start at 0."""
import math

import numpy as np

from .layers import rotation, scaling, translation


def walk(rng, frames, scale, inertia):
    """Integrated velocity that forgets slowly; `scale` is about the typical step."""
    v, drive = np.zeros(frames), rng.randn(frames)
    v[0] = rng.randn()
    for s in range(1, frames):
        v[s] = inertia * v[s - 1] + (1 - inertia) * drive[s] * 1.5
    p = np.cumsum(v)
    return (p - p[0]) * scale


def path(rng, frames, speed):
    """(frames, 2): a way through the picture with about `speed` pixels a frame: wandering, swaying, or straight with stops
    and reversals."""
    kind = rng.rand()
    if kind < .5:
        return np.stack([walk(rng, frames, speed, .85), walk(rng, frames, speed * rng.uniform(.3, 1), .85)], -1)
    if kind < .75:
        period = rng.uniform(8, 48)
        phase = 2 * math.pi * np.arange(frames) / period
        out = np.stack([np.sin(phase + f) - math.sin(f) for f in rng.uniform(0, 6, 2)], -1)
        return out * rng.randn(2) * speed * period / 7 + np.stack([walk(rng, frames, speed * .2, .85) for _ in 'xy'], -1)
    pace = np.repeat(rng.choice([0, 1, 1, 1, -1], frames // 6 + 2), 6)[rng.randint(6):][:frames]
    pace = np.convolve(np.pad(pace, 2, mode='edge'), np.ones(5) / 5, 'valid')  # no jerks
    angle = rng.uniform(0, 2 * math.pi)
    way = np.cumsum(pace)
    return (way - way[0])[:, None] * np.array([math.cos(angle), .6 * math.sin(angle)]) * speed


class Camera:
    """Maps (S, 3, 3) from the world to the picture: pan, zoom and roll about the picture's centre; near layers pan more."""

    def __init__(self, rng, frames, height, width, speed):
        still = rng.rand() < .2
        self.centre = np.array([width / 2, height / 2])
        self.pan = path(rng, frames, 0 if still else speed * .6)
        if not still:
            self.pan += np.stack([walk(rng, frames, .25, .3) for _ in 'xy'], -1)  # a hand that shakes
        self.roll = walk(rng, frames, 0 if still else .012, .8)
        self.zoom = np.exp(np.clip(walk(rng, frames, 0 if still else .012, .85), -.6, .6))

    def maps(self, depth=1.):
        """depth: 1 is the far background, more is nearer."""
        x, y = self.centre
        return np.stack([translation(x + depth * px, y + depth * py) @ rotation(r) @ scaling(z, z) @ translation(-x, -y)
                         for (px, py), r, z in zip(self.pan, self.roll, self.zoom)])


def body_maps(rng, camera, frames, at, speed, turning, depth):
    """Maps (S, 3, 3) from a thing's own pixels (origin at its centre) to the picture: path, turn, zoom, shear, aspect."""
    way = np.asarray(at) + path(rng, frames, speed)
    turn = walk(rng, frames, .05 * turning, .8) + rng.uniform(-3, 3) * min(1, turning)
    zoom = np.exp(np.clip(walk(rng, frames, .025, .8), -.8, .8))
    shear, aspect = walk(rng, frames, .01, .8), np.exp(np.clip(walk(rng, frames, .012, .8), -.5, .5))
    own = [translation(*p) @ rotation(r) @ np.array([[1, h, 0], [0, 1, 0], [0, 0, 1.]]) @ scaling(z * a, z / a)
           for p, r, h, z, a in zip(way, turn, shear, zoom, aspect)]
    return camera.maps(depth) @ np.stack(own)
