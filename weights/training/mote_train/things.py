"""What scenes are made of: background, blobs, polygons, bars, fences and articulated figures, as lists of layers, far to near."""
import math

import cv2
import numpy as np

from .layers import Layer, Waves, rotation, scaling, translation
from .motion import body_maps, walk
from .textures import smooth_noise, texture


def outline(rng, n, kind):
    """Alpha (n, n) float32 of a random shape."""
    c = np.linspace(-1, 1, n, dtype=np.float32)
    x, y = np.meshgrid(c, c)
    if kind == 'blob':
        noise = smooth_noise(rng, 1, n, [max(2, int(n * f)) for f in (.5, .25, .12)[:rng.randint(1, 4)]], 1.)[..., 0]
        noise = (noise - noise.mean()) / (noise.std() + 1e-5)
        radius = np.sqrt(x * x + y * y)
        return (1 / (1 + np.exp(-np.clip(((.62 - radius) * 4 + noise * .8) * n / 12, -30, 30))) * (radius < .98)).astype(np.float32)
    a = np.zeros((n, n), np.float32)
    if kind == 'polygon':
        k = rng.randint(3, 9)
        angle, r = np.sort(rng.uniform(0, 2 * math.pi, k)), rng.uniform(.35, .98, k)
        corners = np.stack([np.cos(angle) * r, np.sin(angle) * r], -1) * n / 2 + n / 2
        cv2.fillPoly(a, [corners.astype(np.int32)], 1., cv2.LINE_AA)
    elif kind == 'bar':
        a[int(n * .02):int(n * .98), int(n * (.5 - rng.uniform(.04, .15))):int(n * (.5 + rng.uniform(.04, .15)))] = 1
    elif kind == 'fence':
        period, share = n / rng.randint(3, 8), rng.uniform(.25, .55)
        a[(((x + 1) * n / 2) % period < share * period) | (np.abs(y) > .9)] = 1
    elif kind == 'capsule':
        w = .28
        cv2.line(a, (n // 2, int(n * w / 2) + 1), (n // 2, int(n * (1 - w / 2)) - 2), 1., max(2, int(n * w)), cv2.LINE_AA)
    elif kind == 'ellipse':
        cv2.ellipse(a, (n // 2, n // 2), (int(n * .48), int(n * rng.uniform(.25, .48))), 0, 0, 360, 1., -1, cv2.LINE_AA)
    else:
        raise ValueError(f'no such outline: kind={kind}; give blob, polygon, bar, fence, capsule or ellipse')
    return cv2.GaussianBlur(a, (3, 3), .6)


def texture_size(extent):
    """Pixels of a texture that is shown `extent` pixels wide: a little finer than the picture, so that it neither blurs nor shimmers."""
    return int(np.clip(extent * 1.15, 16, 448))


def gain(rng, frames):
    return np.exp(np.clip(walk(rng, frames, .02 if rng.rand() < .5 else 0, .8), -.5, .5)).astype(np.float32)


def background(rng, camera, frames, height, width, tiles):
    extent = 1.5 * width
    n = texture_size(extent)
    fit = translation(width / 2, height / 2) @ scaling(extent / n, extent / n) @ translation(-n / 2, -n / 2)
    waves = Waves(rng, n, .006) if rng.rand() < .15 else None
    return [Layer(texture(rng, n, tiles), np.ones((n, n), np.float32), camera.maps() @ fit, gain(rng, frames), waves, background=True)]


def thing(rng, camera, frames, at, extent, speed, kind, tiles, turning=1., depth=None):
    """A single layer of the given outline, `extent` pixels across, with its own motion."""
    n = texture_size(extent)
    fit = scaling(extent / n, extent / n) @ translation(-n / 2, -n / 2)
    maps = body_maps(rng, camera, frames, at, speed, turning, depth or rng.uniform(1, 1.5)) @ fit
    waves = Waves(rng, n, rng.uniform(.01, .05)) if kind in ('blob', 'ellipse') and rng.rand() < .4 else None
    return [Layer(texture(rng, n, tiles), outline(rng, n, kind), maps, gain(rng, frames), waves)]


def limb(rng, n, coat, maps, joint, length, angles, brightness):
    """A capsule that hangs from `joint` (body pixels) and turns by angles (S,): its layer and its own body maps (S, 3, 3)."""
    k = texture_size(length)
    hang = [m @ translation(*joint) @ rotation(a) for m, a in zip(maps, angles)]
    fit = scaling(length / k, length / k) @ translation(-k / 2, -k * .1)
    y, x = rng.randint(0, max(1, coat.shape[0] - k), 2)
    skin = coat[y:y + k, x:x + k]
    skin = cv2.resize(skin, (k, k)) if skin.shape[:2] != (k, k) else skin
    return Layer(skin, outline(rng, k, 'capsule'), np.stack(hang) @ fit, brightness), np.stack(hang)


def figure(rng, camera, frames, at, extent, speed, tiles):
    """An articulated walker: trunk, head and two-part legs that swing and cross, often in one coat."""
    n = texture_size(extent)
    coat = texture(rng, max(n, 128), tiles)
    maps = body_maps(rng, camera, frames, at, speed, .15, rng.uniform(1, 1.3))
    if rng.rand() < .5:
        maps = maps @ scaling(-1, 1)
    tall = rng.rand() < .35
    brightness, period, swing = gain(rng, frames), rng.uniform(7, 40), rng.uniform(.2, .8)
    phase = 2 * math.pi * np.arange(frames) / period
    pace = np.cumsum(np.clip(1 + walk(rng, frames, .1, .9), 0, 2)) / frames if rng.rand() < .3 else None
    phase = phase if pace is None else phase[-1] * pace
    far, near = [], []
    legs = 2 if tall else 4
    for i in range(legs):
        f = rng.uniform(0, 6)
        x = 0 if tall else (-.3 if i % 2 else .3) * extent
        length = extent * (.5 if tall else .38) * rng.uniform(.9, 1.1)
        thigh, body = limb(rng, n, coat, maps, (x, extent * (.15 if not tall else .2)), length, swing * np.sin(phase + f), brightness)
        bend = swing * (.6 + .6 * np.sin(phase + f + rng.uniform(.5, 1.5)))
        shank, _ = limb(rng, n, coat, body, (0, length * .72), length, bend, brightness * (1 if i < legs // 2 else .85))
        (near if i < legs // 2 else far).extend([shank, thigh])
    fit = scaling(extent / n, extent / n) @ translation(-n / 2, -n / 2)
    upright = rotation(math.pi / 2) if tall else np.eye(3)
    trunk = Layer(cv2.resize(coat, (n, n)), outline(rng, n, 'ellipse') if rng.rand() < .6 else outline(rng, n, 'blob'),
                  maps @ upright @ scaling(1, .75) @ fit, brightness, Waves(rng, n, .02) if rng.rand() < .3 else None)
    nod = -2.2 + .3 * np.sin(phase * .5 + 1) if not tall else math.pi + .2 * np.sin(phase * .5)
    head, _ = limb(rng, n, coat, maps, (.4 * extent, -.05 * extent) if not tall else (0, -.3 * extent), extent * .45, nod, brightness)
    return far + [head, trunk] + near
