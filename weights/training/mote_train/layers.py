"""One textured thing of a scene: where its texture lies in each frame, exactly and invertibly.

look_up(picture -> texture) is an inverse affine map plus a displacement made of a few travelling sine waves; project is its
inverse by fixed point, exact to float rounding because the waves' slope is held under 0.35.
"""
import math

import cv2
import numpy as np


def rotation(r):
    return np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1.]])


def translation(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.]])


def scaling(x, y):
    return np.diag([x, y, 1.])


class Waves:
    """A smooth displacement in texture pixels: sum of sines with amplitudes that vary by frame."""

    def __init__(self, rng, size, strength):
        n = rng.randint(1, 3)
        self.k = (rng.randn(n, 2) * 2 * math.pi / size * rng.uniform(.5, 1.6)).astype(np.float32)
        self.direction = rng.randn(n, 2).astype(np.float32)
        self.direction /= np.linalg.norm(self.direction, axis=1, keepdims=True)
        self.phase, self.speed = rng.uniform(0, 6, n), rng.uniform(-.4, .4, n)
        slope = np.linalg.norm(self.k, axis=1) + 1e-6
        self.amplitude = np.minimum(strength * size, .35 / n / slope)

    def __call__(self, p, s):
        """p (..., 2) -> displacement (..., 2) in frame s."""
        out = np.zeros_like(p)
        for k, d, a, f, v in zip(self.k, self.direction, self.amplitude, self.phase, self.speed):
            out += (a * np.sin(p @ k.astype(p.dtype) + p.dtype.type(f + v * s)))[..., None].astype(p.dtype) * d.astype(p.dtype)
        return out


class Layer:
    """texture (n, n, 3) and alpha (n, n) float32; maps (S, 3, 3): texture pixels -> picture pixels; gain (S,) brightness."""

    def __init__(self, texture, alpha, maps, gain, waves=None, background=False):
        self.size, self.maps, self.gain, self.waves, self.background = texture.shape[0], maps, gain, waves, background
        self.rgba = np.ascontiguousarray(np.dstack([texture, alpha]))

    def look_up(self, picture_xy, s):
        """(..., 2) picture pixels of frame s -> (..., 2) texture pixels."""
        m = np.linalg.inv(self.maps[s]).astype(picture_xy.dtype)
        p = picture_xy @ m[:2, :2].T + m[:2, 2]
        return p + self.waves(p, s) if self.waves else p

    def project(self, texture_xy, s):
        """The inverse of look_up."""
        q = texture_xy
        if self.waves:
            for _ in range(16):
                q = texture_xy - self.waves(q, s)
        m = self.maps[s]
        return q @ m[:2, :2].T + m[:2, 2]

    def box(self, s, height, width):
        """The part of the picture that can show this layer in frame s: y0, y1, x0, x1."""
        if self.background:
            return 0, height, 0, width
        margin = self.waves.amplitude.sum() if self.waves else 0
        a, b = -1 - margin, self.size + margin
        corners = self.maps[s] @ np.array([[a, b, a, b], [a, a, b, b], [1, 1, 1, 1.]])
        x, y = corners[0], corners[1]
        return (int(np.clip(np.floor(y.min()), 0, height)), int(np.clip(np.ceil(y.max()) + 1, 0, height)),
                int(np.clip(np.floor(x.min()), 0, width)), int(np.clip(np.ceil(x.max()) + 1, 0, width)))

    def paint(self, frame, owner, index, s):
        """Composes itself over frame (H, W, 3) float32; owner (H, W) becomes index where alpha exceeds one half."""
        y0, y1, x0, x1 = self.box(s, *owner.shape)
        if y1 <= y0 or x1 <= x0:
            return
        xy = np.stack(np.meshgrid(np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32)), -1)
        at = np.ascontiguousarray(self.look_up(xy, s))
        if self.background:
            frame[:] = cv2.remap(self.rgba, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)[..., :3] * self.gain[s]
            owner[:] = index
            return
        seen = cv2.remap(self.rgba, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
        a = seen[..., 3:]
        region = frame[y0:y1, x0:x1]
        region += (seen[..., :3] * self.gain[s] - region) * a
        owner[y0:y1, x0:x1][a[..., 0] > .5] = index
