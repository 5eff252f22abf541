"""The frozen held-out clips: python -m mote_train.heldout write FOLDER | check FOLDER

`write` was run once; the files in ../../heldout are the set, whatever becomes of the renderer. Materials and seeds are never
trained on. `check` prints how hard the set is.
"""
import argparse
import os

import av
import numpy as np
from safetensors.numpy import load_file, save_file

from . import baselines, metrics, scenes, textures
from .samples import candidates

FRAMES, HEIGHT, WIDTH, POINTS, FASTEST = 48, 192, 256, 48, 8
SEED = 20261122
CLIPS = (0, 2, 3, 4, 7, 10, 13, 14, 15, 22, 26, 27)
"""The first twelve on which Lucas-Kanade's visible delta_avg is 25 to 62, zero motion's under 20, and a fifth is hidden."""


def write_video(path, frames, crf=16):
    """frames (T, H, W, 3) uint8 RGB as H.264, 4:2:0; crf 16 is near lossless to the eye."""
    with av.open(path, 'w') as box:
        stream = box.add_stream('libx264', rate=25, options={'crf': str(crf), 'preset': 'veryslow'})
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], 'yuv420p'
        for f in frames:
            box.mux(stream.encode(av.VideoFrame.from_ndarray(f, format='rgb24')))
        box.mux(stream.encode())


def read_video(path):
    """-> (T, H, W, 3) uint8 RGB."""
    with av.open(path) as box:
        return np.stack([f.to_ndarray(format='rgb24') for f in box.decode(video=0)])


def choose_points(rng, clip):
    """Points that stay within a third of the picture around it, three quarters of them queried on frame 0, the others on later
    frames of the first half; those that move or hide come first. -> queries (P, 3), tracks (T, P, 2), visible (T, P)."""
    columns = []
    for q, count in ((0, 36), (int(rng.randint(3, 12)), 6), (int(rng.randint(12, 24)), 6)):
        xy = candidates(rng, clip, q, 400)
        tracks, visible = clip.tracks(q, xy)
        room = np.array([WIDTH, HEIGHT]) / 3
        near = ((tracks > -room) & (tracks < np.array([WIDTH, HEIGHT]) + room)).all((0, 2))
        ok = np.flatnonzero(visible[q] & near & (visible[q:].mean(0) > .25))
        moved = np.linalg.norm(tracks[q:, ok] - tracks[q, ok], axis=-1).max(0)
        interest = np.minimum(moved, 60) + 20 * (~visible[q:, ok]).mean(0) + rng.rand(len(ok)) * 40
        k = ok[np.argsort(-interest)[:count]]
        columns.append((np.concatenate([np.full((len(k), 1), q), xy[k]], 1), tracks[:, k], visible[:, k]))
    queries, tracks, visible = zip(*columns)
    return np.concatenate(queries).astype(np.float32), np.concatenate(tracks, 1), np.concatenate(visible, 1)


def make(number, tiles):
    """-> frames, queries, tracks, visible of clip `number`."""
    clip = scenes.make_clip([SEED, number], tiles, FRAMES, HEIGHT, WIDTH, FASTEST)
    return (clip.frames, *choose_points(np.random.RandomState([SEED, number, 1]), clip))


def write(folder):
    tiles = textures.load_tiles(held_out=True)
    for i, number in enumerate(CLIPS):
        frames, queries, tracks, visible = make(number, tiles)
        place = os.path.join(folder, f'{i:02d}')
        os.makedirs(place, exist_ok=True)
        write_video(os.path.join(place, 'clip.mp4'), frames)
        save_file({'tracks': np.ascontiguousarray(tracks), 'visible': np.ascontiguousarray(visible, np.uint8), 'queries': queries}, os.path.join(place, 'truth.safetensors'))


def clips(folder):
    """Yields (name, frames, truth by name) of every clip."""
    for name in sorted(os.listdir(folder)):
        if os.path.isdir(os.path.join(folder, name)):
            yield name, read_video(os.path.join(folder, name, 'clip.mp4')), load_file(os.path.join(folder, name, 'truth.safetensors'))


def difficulty(frames, queries, tracks, visible):
    """-> (zero motion's and Lucas-Kanade's visible delta_avg, share of hidden frames, lengths of hidings)."""
    H, W = frames.shape[1:3]
    d = [metrics.scores(metrics.raster_distance(track(frames, queries), tracks, H, W), visible, queries)['delta_avg_visible']
         for track in (baselines.zero_motion, baselines.lucas_kanade)]
    after = np.arange(len(frames))[:, None] > queries[None, :, 0]
    return (*d, (~visible)[after].mean(), metrics.hidings(visible, queries))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('what', choices=['write', 'check'])
    p.add_argument('folder')
    a = p.parse_args()
    if a.what == 'write':
        write(a.folder)
    rows = []
    for name, frames, truth in clips(a.folder):
        rows.append(difficulty(frames, truth['queries'], truth['tracks'], truth['visible'] > 0))
        print(name, '%d points: zero %.1f, Lucas-Kanade %.1f, hidden %.2f, hidings over 16 frames %d of %d'
              % (len(truth['queries']), *rows[-1][:3], (rows[-1][3] > 16).sum(), len(rows[-1][3])))
    lengths = np.concatenate([r[3] for r in rows])
    print('all: zero %.1f, Lucas-Kanade %.1f, hidden %.3f' % tuple(np.mean([r[:3] for r in rows], 0)),
          'hidings over 16 frames %.3f' % (lengths > 16).mean())


if __name__ == '__main__':
    main()
