"""Textures: CC0 tiles (../textures) and procedural ones. RGB float32 in 0..1."""
import math

import cv2
import numpy as np

from .sheets import FOLDER, HELD_OUT, TILE, load_sheets


def load_tiles(held_out, folder=FOLDER):
    """The tiles of the training materials, or of the held-out ones: a list of (128, 128, 3) float32."""
    return [t.astype(np.float32) / 255 for t in load_sheets(held_out, folder)]


def smooth_noise(rng, channels, size, cells, slope):
    """Sum of bicubically enlarged white noise, one octave a cell size in pixels, amplitude cell^slope: (size, size, channels)."""
    out = np.zeros((size, size, channels), np.float32)
    for cell in cells:
        n = max(2, size // cell + 1)
        noise = rng.randn(n, n, channels).astype(np.float32)
        out += cell ** slope * cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC).reshape(out.shape)
    return out


def palette(rng, n):
    """n colours around a common base: (n, 3)."""
    base, spread = rng.uniform(.15, .85, 3), rng.uniform(.1, .45)
    return np.clip(base + rng.randn(n, 3) * spread, 0, 1).astype(np.float32)


def noise(rng, size):
    cells = [[1, 2, 4, 8, 16, 32], [2, 4, 8, 16], [4, 8, 16, 32, 64], [1, 2, 4]][rng.randint(4)]
    t = smooth_noise(rng, 3, size, cells, rng.uniform(.2, 1.2))
    t = (t - t.mean()) / (t.std() + 1e-5)
    if rng.rand() < .4:  # posterised: edges and flat regions
        q = rng.randint(2, 6)
        t = np.round(t * q) / q
    return t * rng.uniform(.05, .3) + rng.uniform(.2, .8, 3).astype(np.float32)


def cells(rng, size):
    """Voronoi cells: piles, scales, stones."""
    n = rng.randint(20, 300)
    at, colours = rng.uniform(0, size, (n, 2)), palette(rng, n)
    marks = np.ones((size, size), np.uint8)
    r = np.clip(at.astype(int), 0, size - 1)
    marks[r[:, 1], r[:, 0]] = 0
    distance, label = cv2.distanceTransformWithLabels(marks, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    order = np.zeros(label.max() + 1, int)
    order[label[r[:, 1], r[:, 0]]] = np.arange(n)
    t = colours[order[label]]
    return t * (1 - rng.uniform(0, .06) * distance[..., None] * rng.rand())


def dead_leaves(rng, size):
    """Discs and polygons that lie over each other, radii by a power law (Ruderman 1997)."""
    t = np.zeros((size, size, 3), np.float32) + rng.uniform(.2, .8, 3).astype(np.float32)
    n = rng.randint(60, 400)
    for colour, u in zip(palette(rng, n), rng.rand(n)):
        centre, radius = rng.randint(0, size, 2), int(2 / (u + .03)) + 2
        if u < .5:
            cv2.circle(t, tuple(map(int, centre)), radius, tuple(map(float, colour)), -1, cv2.LINE_AA)
        else:
            corners = centre + rng.randn(rng.randint(3, 7), 2) * radius * 1.5
            cv2.fillPoly(t, [corners.astype(np.int32)], tuple(map(float, colour)), cv2.LINE_AA)
    return t


def repeated(rng, size):
    """Stripes, checks, grids and window fronts: what repeats, so that matching alone cannot tell."""
    a, b = palette(rng, 2)
    y, x = np.mgrid[:size, :size].astype(np.float32)
    u, v = rng.uniform(6, 40, 2)
    kind = rng.randint(4)
    if kind == 0:
        m = np.sin(2 * np.pi * x / u + 2 * np.sin(y / rng.uniform(15, 80)) * rng.rand())
    elif kind == 1:
        m = np.sign(np.sin(2 * np.pi * x / u) * np.sin(2 * np.pi * y / v))
    elif kind == 2:
        m = np.maximum(np.abs(np.sin(np.pi * x / u)), np.abs(np.sin(np.pi * y / v))) * 20 - 18.5
    else:
        m = ((x % (2 * u) < u * rng.uniform(.5, 1.4)) & (y % (2 * v) < v * rng.uniform(.5, 1.4))) * 2. - 1
    m = np.clip(m * .5 + .5, 0, 1)[..., None].astype(np.float32)
    return a * m + b * (1 - m) + smooth_noise(rng, 1, size, [4, 16, 64], .5) * rng.uniform(0, .03)


def writing(rng, size):
    t = np.zeros((size, size, 3), np.uint8) + rng.randint(0, 256, 3).astype(np.uint8)
    for colour in palette(rng, rng.randint(8, 40)) * 255:
        word = ''.join(chr(rng.randint(48, 123)) for _ in range(rng.randint(1, 8)))
        cv2.putText(t, word, (int(rng.randint(-40, size)), int(rng.randint(0, size))), int(rng.randint(0, 8)),
                    float(rng.uniform(.4, 2.5)), tuple(map(float, colour)), int(rng.randint(1, 5)), cv2.LINE_AA)
    return t.astype(np.float32) / 255


def tile(rng, tiles):
    """A material, (384, 384, 3): one tile repeated (they are seamless) at a random scale, sometimes with a second one in
    patches over it, so that not everything repeats."""
    t = tiles[rng.randint(len(tiles))]
    scale = math.exp(rng.uniform(math.log(.8), math.log(3)))
    side = max(64, int(TILE * scale))
    t = cv2.resize(t, (side, side), interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    y, x = rng.randint(0, side, 2)
    t = np.roll(t, (y, x), (0, 1))
    t = np.tile(t, (384 // side + 1, 384 // side + 1, 1))[:384, :384]
    t = t[:, ::-1] if rng.rand() < .5 else t
    return t[..., rng.permutation(3)] if rng.rand() < .3 else t


def patchwork(rng, a, b):
    mask = smooth_noise(rng, 1, 384, [[128, 64, 32], [64, 16, 8], [96]][rng.randint(3)], 1.)
    mask = 1 / (1 + np.exp(-np.clip(mask / (mask.std() + 1e-5) * 6 + rng.uniform(-4, 4), -30, 30)))
    return a * mask + b * (1 - mask)


def texture(rng, size, tiles):
    """(size, size, 3) float32: a tile, a procedural texture, or one in patches over another."""
    make = [noise, cells, dead_leaves, repeated, writing]

    def one():
        return tile(rng, tiles) if rng.rand() < .65 else make[rng.choice(5, p=[.35, .2, .2, .15, .1])](rng, 384)
    t = one()
    if rng.rand() < .4:
        t = patchwork(rng, t, one())
    if rng.rand() < .7:  # what breaks repetition: large, faint variation of brightness
        t = t * np.exp(smooth_noise(rng, 1, 384, [96, 48, 24], .5) * rng.uniform(0, .04))
    k = int(384 * rng.uniform(.5, 1))
    y, x = rng.randint(0, 384 - k + 1, 2)
    t = cv2.resize(t[y:y + k, x:x + k], (size, size), interpolation=cv2.INTER_AREA if size < k else cv2.INTER_LINEAR)
    if rng.rand() < .5:  # contrast and tint
        t = (t - t.mean()) * rng.uniform(.4, 1.6) + rng.uniform(.2, .8) + rng.randn(3).astype(np.float32) * .08
    return np.clip(t, 0, 1).astype(np.float32)
