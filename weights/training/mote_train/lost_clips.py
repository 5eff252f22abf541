"""The frozen clips for lost and found: python -m mote_train.lost_clips write FOLDER | check FOLDER

Things pass or stand in front, leave and return, and cameras look away and back, so that points are hidden for about 4, 16 and
64 frames and are then seen again. `write` was run once; the files in ../../heldout-lost are the set. Materials and seeds are
used nowhere else.
"""
import argparse
import math
import os

import numpy as np
from safetensors.numpy import save_file

from . import lost_metrics, metrics, textures
from .heldout import clips, write_video
from .layers import Layer, rotation, scaling, translation
from .motion import walk
from .samples import candidates
from .scenes import Clip, paint
from .things import gain, outline, texture_size

FRAMES, HEIGHT, WIDTH, POINTS = 112, 192, 256, 40
CRF = 21  # of the video
APART = 8  # pixels between two points of a clip, at least
SEED = 20261124


def wander(rng, speed):
    """(T, 2): swings about 0 with at most about `speed` pixels a frame."""
    t, out = np.arange(FRAMES), []
    for _ in 'xy':
        period, phase = rng.uniform(40, 120), rng.uniform(0, 6)
        out.append((np.sin(2 * math.pi * t / period + phase) - math.sin(phase)) * speed * period / (2 * math.pi))
    return np.stack(out, -1)


def away(leave, back, length):
    """(T,): 0, then 1 from frame leave + length to `back`, then 0 again, without a jerk."""
    u, v = (np.clip((np.arange(FRAMES) - start) / length, 0, 1) for start in (leave, back))
    return u * u * (3 - 2 * u) - v * v * (3 - 2 * v)


class Stage:
    """A clip under construction: the ground and what stands on it move with pan (T, 2), roll and zoom (steps of walks)."""

    def __init__(self, rng, tiles, pan, roll=0., zoom=0.):
        self.rng, self.tiles, self.layers = rng, tiles, []
        shake = np.stack([walk(rng, FRAMES, .2, .3) for _ in 'xy'], -1)
        turn, size = walk(rng, FRAMES, roll, .9).clip(-.5, .5), np.exp(walk(rng, FRAMES, zoom, .9).clip(-.35, .35))
        x, y = WIDTH / 2, HEIGHT / 2
        self.world = np.stack([translation(x + a, y + b) @ rotation(r) @ scaling(z, z) @ translation(-x, -y)
                               for (a, b), r, z in zip(pan + shake, turn, size)])
        n = 448  # four materials side by side, 940 pixels across, and a dozen flat things on them
        four = np.vstack([np.hstack([textures.texture(rng, n, tiles) for _ in 'ab']) for _ in 'ab'])
        fit = translation(x, y) @ rotation(rng.uniform(-.4, .4)) @ scaling(1.05, 1.05) @ translation(*-n * rng.uniform(.9, 1.1, 2))
        self.layers.append(Layer(four, np.ones(four.shape[:2], np.float32), self.world @ fit, np.ones(FRAMES, np.float32), background=True))
        for _ in range(14):
            at = rng.uniform([-.8 * WIDTH, -.4 * HEIGHT], [1.8 * WIDTH, 1.4 * HEIGHT])
            self.thing(np.repeat(at[None], FRAMES, 0), rng.uniform(30, 90), rng.choice(['polygon', 'ellipse', 'blob']), 0)

    def thing(self, way, extent, kind, turn=.01, tall=1., world=True):
        """way (T, 2): its centre, in pixels of the world or, with world false, of the picture; turn: the step of its walk."""
        n = texture_size(extent)
        angle = self.rng.uniform(-.4, .4) + walk(self.rng, FRAMES, turn, .9)
        size = extent / n * np.exp(walk(self.rng, FRAMES, turn, .9).clip(-.3, .3))
        alpha = np.pad(np.ones((n - 2, n - 2), np.float32), 1) if kind == 'block' else outline(self.rng, n, kind)
        own = np.stack([translation(*p) @ rotation(a) @ scaling(s, s * tall) @ translation(-n / 2, -n / 2) for p, a, s in zip(way, angle, size)])
        self.layers.append(Layer(textures.texture(self.rng, n, self.tiles), alpha, self.world @ own if world else own, gain(self.rng, FRAMES)))

    def walker(self, speed, extent, leave=None, back=None):
        """Wanders about; leaves at the nearer side at frame `leave` and turns round at `back`."""
        at = self.rng.uniform([.2 * WIDTH, .25 * HEIGHT], [.8 * WIDTH, .75 * HEIGHT])
        way = at + wander(self.rng, speed)
        if leave is not None:
            way[:, 0] += (1 if at[0] > WIDTH / 2 else -1) * (.62 * WIDTH + extent / 2) * away(leave, back, 12)
        self.thing(way, extent, self.rng.choice(['ellipse', 'blob', 'polygon']))

    def passer(self, start, width, speed):
        """Crosses the picture at `speed` pixels a frame; a point is behind it for about width / speed frames."""
        side, t = self.rng.choice([-1, 1]), np.arange(FRAMES)
        x = WIDTH / 2 + side * (speed * (t - start) - (WIDTH + width) / 2)
        y = HEIGHT * self.rng.uniform(.3, .7) + walk(self.rng, FRAMES, .5, .9)
        self.thing(np.stack([x, y], -1), width, 'block', 0, max(1, 150 / width), world=False)

    def stander(self, come, go, extent):
        """Comes in front at frame `come`, stands, and goes at `go`."""
        at = self.rng.uniform([.3 * WIDTH, .35 * HEIGHT], [.7 * WIDTH, .65 * HEIGHT])
        way = at + np.outer(1 - away(come, go, 10), [self.rng.choice([-1, 1]) * (.6 * WIDTH + extent / 2), 0])
        self.thing(way, extent, self.rng.choice(['block', 'ellipse', 'polygon']), 0, world=False)

    def clip(self):
        """Painted, with drifting light and a little grain."""
        pictures, owner = paint(self.layers, FRAMES, HEIGHT, WIDTH)
        light = np.exp(walk(self.rng, FRAMES, .015, .7).clip(-.4, .4))
        frames = np.empty(pictures.shape, np.uint8)
        for s, picture in enumerate(pictures):
            grain = self.rng.randn(HEIGHT, WIDTH, 1).astype(np.float32) * .006
            frames[s] = (np.clip((picture - .5) * light[s] + .5 + grain, 0, 1) * 255 + .5).astype(np.uint8)
        return Clip(frames, owner, self.layers, np.arange(FRAMES))


def passing(rng, tiles):
    """Narrow, wide and very wide things pass in front of what wanders."""
    stage = Stage(rng, tiles, wander(rng, 1.2), .002, .004)
    for _ in range(4):
        stage.walker(1.5, rng.uniform(50, 100))
    for start in (10, 26, 86):
        stage.passer(start + rng.randint(-2, 3), rng.uniform(26, 36), rng.uniform(6, 8))
    stage.passer(rng.randint(12, 24), rng.uniform(90, 110), rng.uniform(5.5, 6.5))
    stage.passer(rng.randint(28, 34), rng.uniform(230, 270), rng.uniform(8, 9))
    stage.stander(rng.randint(14, 20), rng.randint(78, 84), rng.uniform(70, 110))
    return stage.clip()


def standing(rng, tiles):
    """Things come, stand in front for a while, and go."""
    stage = Stage(rng, tiles, wander(rng, 1.), .003, .004)
    for _ in range(4):
        stage.walker(1.2, rng.uniform(60, 110))
    stage.stander(rng.randint(10, 16), rng.randint(76, 82), rng.uniform(80, 120))
    stage.stander(rng.randint(12, 18), rng.randint(78, 84), rng.uniform(60, 110))
    stage.stander(rng.randint(20, 26), rng.randint(38, 42), rng.uniform(80, 120))
    stage.stander(rng.randint(50, 60), rng.randint(70, 76), rng.uniform(70, 100))
    for start in (30, 88):
        stage.passer(start, rng.uniform(24, 34), rng.uniform(6, 8))
    return stage.clip()


def returning(rng, tiles):
    """Things leave the picture and return, for a short and for a long while."""
    stage = Stage(rng, tiles, wander(rng, .8), .002, .003)
    for leave, back in ((12, 74), (16, 76), (20, 32), (60, 70), (30, 40)):
        stage.walker(1.2, rng.uniform(60, 110), leave + rng.randint(-2, 3), back + rng.randint(-2, 3))
    for start in (8, 84):
        stage.passer(start, rng.uniform(26, 36), rng.uniform(6, 8))
    return stage.clip()


def looking_away(rng, tiles):
    """The camera looks away and back: briefly, then for long."""
    side = rng.choice([-1, 1])
    shift = side * (190 * away(10, 24, 10) - 230 * away(44, 90, 12)) if rng.rand() < .5 else side * 230 * away(14, 76, 12)
    stage = Stage(rng, tiles, wander(rng, .7) + np.stack([shift, .25 * shift], -1), .002, .003)
    for _ in range(2):
        stage.walker(1.2, rng.uniform(60, 100))
    for start in (4, 96):
        stage.passer(start, rng.uniform(26, 36), rng.uniform(7, 8))
    stage.passer(rng.randint(28, 34), rng.uniform(90, 110), rng.uniform(5.5, 6.5))
    return stage.clip()


SCRIPTS = dict(passing=passing, standing=standing, returning=returning, looking_away=looking_away)
CLIPS = (('passing', 0), ('standing', 0), ('returning', 0), ('looking_away', 0), ('passing', 1), ('looking_away', 1))


def choose_points(rng, clip, taken):
    """Points that are hidden and found again, four fifths of them queried on frame 0, the others on later frames, so that all
    classes come out alike. taken (classes,): events of each class so far, updated. -> queries (P, 3), tracks, visible."""
    pools = []
    for q, count in ((0, POINTS * 4 // 5), (int(rng.randint(3, 10)), POINTS // 5)):
        xy = candidates(rng, clip, q, 700)
        tracks, visible = clip.tracks(q, xy)
        queries = np.concatenate([np.full((len(xy), 1), q), xy], 1).astype(np.float32)
        ok = visible[q:q + 8].all(0) & (np.abs(tracks).max((0, 2)) < 1000)
        found = lost_metrics.events(visible & ok, queries)
        moved = np.linalg.norm(tracks[found[:, 1], found[:, 0]] - tracks[found[:, 1] - found[:, 2] - 1, found[:, 0]], axis=-1)
        classes, mine = lost_metrics.classes(found[:, 2]), []
        for _ in range(count):
            worth = np.zeros(len(xy))
            weight = (classes >= 0) / (1. + taken[classes]) * (.5 + np.minimum(moved, 40) / 40)
            np.add.at(worth, found[:, 0], weight)
            worth *= rng.uniform(.5, 1, len(xy))
            worth[(np.linalg.norm(xy[:, None] - xy[mine], axis=-1) < APART).any(1)] = 0
            if worth.max() <= 0:
                break
            mine.append(int(worth.argmax()))
            np.add.at(taken, classes[(found[:, 0] == mine[-1]) & (classes >= 0)], 1)
        pools.append((queries[mine], tracks[:, mine], visible[:, mine]))
    queries, tracks, visible = zip(*pools)
    return np.concatenate(queries), np.concatenate(tracks, 1), np.concatenate(visible, 1)


def write(folder):
    tiles, taken = textures.load_tiles(held_out=True), np.zeros(len(lost_metrics.CLASSES), int)
    for i, (script, number) in enumerate(CLIPS):
        seed = [SEED, sorted(SCRIPTS).index(script), number]
        clip = SCRIPTS[script](np.random.RandomState(seed), tiles)
        queries, tracks, visible = choose_points(np.random.RandomState(seed + [1]), clip, taken)
        place = os.path.join(folder, f'{i:02d}')
        os.makedirs(place, exist_ok=True)
        write_video(os.path.join(place, 'clip.mp4'), clip.frames, CRF)
        save_file({'tracks': np.ascontiguousarray(tracks), 'visible': np.ascontiguousarray(visible, np.uint8), 'queries': queries}, os.path.join(place, 'truth.safetensors'))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', choices=['write', 'check'])
    p.add_argument('folder')
    a = p.parse_args()
    if a.what == 'write':
        write(a.folder)
    lengths, moves = [], []
    for name, frames, truth in clips(a.folder):
        visible, H, W = truth['visible'] > 0, *frames.shape[1:3]
        after = np.arange(len(frames))[:, None] > truth['queries'][None, :, 0]
        n, t, d = lost_metrics.events(visible, truth['queries']).T
        way = metrics.raster_distance(truth['tracks'][t, n], truth['tracks'][t - d - 1, n], H, W)
        print(name, '%d points, hidden %.2f, events' % (visible.shape[1], (~visible)[after].mean()), np.bincount(lost_metrics.classes(d) + 1, minlength=4)[1:])
        lengths.append(d)
        moves.append(way)
    lengths, moves = np.concatenate(lengths), np.concatenate(moves)
    for k, (low, high) in enumerate(lost_metrics.CLASSES):
        of = lost_metrics.classes(lengths) == k
        print(f'{low} to {high} frames: {of.sum()} events, moved meanwhile by a median of {np.median(moves[of]):.0f} px of the raster, under 8 px: {(moves[of] < 8).mean():.2f}')


if __name__ == '__main__':
    main()
