"""A contact sheet of scenes with tracks: python -m mote_train.preview SHEET.png [--seed N] [--held-out]

One row a clip, six of its frames; green: visible, red: hidden.
"""
import argparse

import cv2
import numpy as np

from . import samples, scenes, textures


def row(seed, tiles):
    """Six frames of a clip side by side, with 24 points: (192, 6 * 256, 3) uint8."""
    clip = scenes.make_clip(seed, tiles, 32, 192, 256)
    tracks, visible = clip.tracks(0, samples.candidates(np.random.RandomState(seed), clip, 0, 24))
    shown = []
    for s in (0, 3, 8, 14, 22, 31):
        frame = clip.frames[s].copy()
        for xy, seen in zip(np.rint(tracks[s].clip(-99, 999)).astype(int), visible[s]):
            cv2.circle(frame, tuple(map(int, xy)), 3, (0, 255, 0) if seen else (255, 0, 0), 1, cv2.LINE_AA)
        shown.append(frame)
    return np.hstack(shown)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('sheet')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--held-out', action='store_true', help='with the materials of the held-out clips')
    a = p.parse_args()
    tiles = textures.load_tiles(a.held_out)
    sheet = np.vstack([row(a.seed + i, tiles) for i in range(8)])
    if not cv2.imwrite(a.sheet, sheet[..., ::-1]):
        raise OSError(f'the sheet cannot be written: path={a.sheet}; give a folder that exists and ends in .png or .jpg')


if __name__ == '__main__':
    main()
