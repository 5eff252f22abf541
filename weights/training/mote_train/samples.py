"""Training batches cut from clips. Batch g*cuts + c follows from (seed, g, c) alone, whatever the number of workers."""
import numpy as np
import torch
from torch.utils.data import Dataset

from . import scenes, textures
from .config import at

WINDOW = 8


def erase(rng, frames, tracks, visible, first):
    """Boxes of one colour or of another frame's pixels over frames (T, 3, H, W), from frame `first` on; the points under them
    (T, P) become hidden. After Harley et al. 2022, who erase and replace boxes in every frame."""
    T, _, H, W = frames.shape
    for t in range(first, T):
        if rng.rand() < .4:
            continue
        for _ in range(rng.randint(1, 5)):
            h, w = (int(H * rng.uniform(.03, .3)) + 1, int(W * rng.uniform(.03, .3)) + 1)
            y, x = rng.randint(0, H - h), rng.randint(0, W - w)
            if rng.rand() < .5:
                frames[t, :, y:y + h, x:x + w] = frames[t, :, y:y + h, x:x + w].mean((1, 2), keepdims=True).astype(np.uint8)
            else:
                y2, x2 = rng.randint(0, H - h), rng.randint(0, W - w)
                frames[t, :, y:y + h, x:x + w] = frames[rng.randint(T), :, y2:y2 + h, x2:x2 + w].copy()
            p = tracks[t]
            visible[t] &= ~((p[:, 0] > x - .5) & (p[:, 0] < x + w - .5) & (p[:, 1] > y - .5) & (p[:, 1] < y + h - .5))


def recolour(rng, frames):
    """One change of colour for all frames (T, 3, H, W) uint8: channel order, grey, negative."""
    u = rng.rand()
    if u < .25:
        return frames[:, rng.permutation(3)].copy()
    if u < .37:
        return np.repeat(frames.mean(1, keepdims=True).astype(np.uint8), 3, 1)
    return 255 - frames if u < .42 else frames.copy()


def candidates(rng, clip, a, count):
    """Pixels of frame a, half of them on things in front: (count, 2) float32."""
    _, H, W = clip.owner.shape
    xy = np.stack([rng.uniform(2, W - 3, count), rng.uniform(2, H - 3, count)], -1)
    y, x = np.nonzero(clip.owner[a, 2:H - 2, 2:W - 2])
    if len(y):
        k = rng.randint(0, len(y), count // 2)
        xy[:count // 2] = np.stack([x[k] + 2, y[k] + 2], -1) + rng.uniform(-.45, .45, (count // 2, 2))
    return xy.astype(np.float32)


def disturbed(rng, truth, height, width):
    """What a tracker may start a later window from: its estimate of the first 1 to 5 frames, off by a common and a small
    independent error, carried on at rest or (one in five) at constant velocity. truth (8, N, 2)."""
    N, known = truth.shape[1], rng.randint(1, 6)
    start = truth + rng.randn(1, N, 2) * rng.choice([.5, 1.5, 4, 8], p=[.35, .3, .25, .1]) + rng.randn(WINDOW, N, 2) * .3
    velocity = start[known - 1] - start[known - 2] if known > 1 and rng.rand() < .2 else 0
    for i in range(known, WINDOW):
        start[i] = start[known - 1] + velocity * (i - known + 1)
    return np.clip(start, -60, [width + 60, height + 60])


def cut(rng, clip, points, length):
    """A template frame and `length` frames, varied by reversal, flips and colour; None where too few points can be followed.

    Half are locked: the first window starts at the template's frame, at rest. The others start anywhere in the clip, before or
    after the template's frame, from a disturbed estimate. Tensors: frames (1 + length, 3, H, W) uint8, query (N, 2),
    start (8, N, 2), truth (length, N, 2), visible (length, N) float32, locked (N,) bool.
    """
    S, H, W = clip.owner.shape
    flow = 1 if rng.rand() < .5 else -1
    b = rng.randint(0, S - length + 1)
    ids = np.arange(b, b + length)[::flow]
    locked = rng.rand() < .5
    a = ids[0] if locked else rng.randint(0, S)
    xy = candidates(rng, clip, a, 160)
    tracks, visible = clip.tracks(a, xy)
    ok = np.flatnonzero(visible[a] & (np.abs(tracks).max((0, 2)) < 1000))
    if len(ok) < points:
        return None
    truth, seen = tracks[ids][:, ok], visible[ids][:, ok]
    interest = np.minimum(np.abs(truth - truth[:1]).max((0, 2)), 40) + 10 * (~seen).any(0) + rng.rand(len(ok)) * 25
    k = np.argsort(-interest)[:points]
    truth, seen, query = truth[:, k].copy(), seen[:, k].copy(), xy[ok[k]].copy()
    frames = recolour(rng, clip.frames[np.concatenate([[a], ids])].transpose(0, 3, 1, 2))
    for axis, extent in ((0, W), (1, H)):
        if rng.rand() < (.5 if axis == 0 else .3):
            frames = np.flip(frames, 3 - axis)
            query[:, axis], truth[..., axis] = extent - 1 - query[:, axis], extent - 1 - truth[..., axis]
    frames = np.ascontiguousarray(frames)
    if rng.rand() < .3:
        erase(rng, frames[1:], truth, seen, 1)
    start = np.repeat(query[None], WINDOW, 0) if locked else disturbed(rng, truth[:WINDOW], H, W)
    if not locked:
        light = 1 + rng.randn(1) * .15 + rng.randn(3) * .06
        frames[0] = np.clip(frames[0] * light[:, None, None] + rng.randn() * 8, 0, 255).astype(np.uint8)
    return (frames, query, start.astype(np.float32), truth, seen.astype(np.float32), np.full(points, locked))


def windows_of(config, hop):
    """Windows a sample is long: one number for all hops, or a table by hop."""
    windows = config['windows']
    return windows[str(hop)] if isinstance(windows, dict) else windows


class Groups(Dataset):
    """Group g: `cuts` batches of `batch` samples from the same `batch` clips, with the hop and size of the group.

    A list of (hop, [frames, query, start, truth, visible, locked]).
    """

    def __init__(self, config, first, last):
        self.config, self.first, self.last = config, first, last
        self.tiles = textures.load_tiles(held_out=False)

    def __len__(self):
        return self.last - self.first

    def __getitem__(self, i):
        torch.set_num_threads(1)
        scenes.cv2.setNumThreads(1)
        g = self.first + i
        c = at(self.config, g * self.config['cuts'])
        rng = np.random.RandomState([c['seed'], g])
        height, width = c['sizes'][rng.choice(len(c['sizes']), p=c['size_shares'])]
        hop = int(rng.choice(c['hops'], p=c['hop_shares']))
        length = WINDOW + (windows_of(c, hop) - 1) * hop
        frames = int(rng.choice([length + 4, length + 12, 48]))
        columns = []
        for j in range(c['batch']):
            cuts, attempt = [], 0
            while len(cuts) < c['cuts']:
                clip = scenes.make_clip([c['seed'], g, j, attempt], self.tiles, max(frames, length), height, width, c['fastest'])
                made = (cut(rng, clip, c['points'], length) for _ in range(c['cuts'] - len(cuts)))
                cuts += [m for m in made if m is not None]
                attempt += 1
            columns.append(cuts)
        return [(hop, [torch.from_numpy(np.stack(field)) for field in zip(*batch)]) for batch in zip(*columns)]
