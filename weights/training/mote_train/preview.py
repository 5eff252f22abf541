"""A contact sheet of scenes with tracks: python -m mote_train.preview SHEET.png [--seed N] [--held-out] [--renderer cpu] [--pictures FOLDER]

One row a clip, six of its frames; green: visible, red: hidden, with the way of the last 8 frames.
"""
import argparse

import numpy as np
import torch
from PIL import Image, ImageDraw

HEIGHT, WIDTH, FRAMES, POINTS, ROWS = 192, 256, 32, 24, 8
SHOWN = (0, 3, 8, 14, 22, 31)
BANK, TEXTURE = 60, 512  # textures and their side


def marked(frame, ways, visible):
    """frame (H, W, 3) uint8 with a ring around every point, and its way (S, P, 2) so far."""
    image = Image.fromarray(frame)
    pen = ImageDraw.Draw(image)
    for way, seen in zip(ways.clip(-99, 999).transpose(1, 0, 2), visible):
        colour, (x, y) = (0, 255, 0) if seen else (255, 0, 0), way[-1]
        pen.line([tuple(p) for p in way], fill=colour)
        pen.ellipse((x - 3, y - 3, x + 3, y + 3), outline=colour)
    return np.asarray(image)


def rendered(seed, held_out, pictures):
    """The device's renderer. Yields frames (T, H, W, 3), tracks (T, P, 2), visible (T, P)."""
    from .render import samples, textures
    from .render.draw import Draw
    bank = textures.make_bank(Draw([seed]), textures.Sources('cpu', held_out, pictures), BANK, TEXTURE)
    for i in range(ROWS):
        draw, first = Draw([seed, i]), torch.zeros(1, dtype=torch.long)
        clips = samples.Clips(draw, bank, 1, FRAMES, HEIGHT, WIDTH, 10)
        tracks, visible = clips.tracks(first, samples.candidates(draw, clips.owner, first, POINTS))
        yield clips.frames[0].permute(0, 2, 3, 1).numpy(), tracks[0].numpy(), visible[0].numpy()


def by_workers(seed, held_out):
    """The renderer of the CPU's workers. Yields as `rendered`."""
    from . import samples, scenes, textures
    tiles = textures.load_tiles(held_out)
    for i in range(seed, seed + ROWS):
        clip = scenes.make_clip(i, tiles, FRAMES, HEIGHT, WIDTH)
        yield clip.frames, *clip.tracks(0, samples.candidates(np.random.RandomState(i), clip, 0, POINTS))


def main(arguments=None):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('sheet')
    p.add_argument('--seed', type=int, default=0)
    p.add_argument('--held-out', action='store_true', help='with the materials of the held-out clips')
    p.add_argument('--renderer', choices=['device', 'cpu'], default='device', help='that of a GPU training, or of the workers of a CPU training')
    p.add_argument('--pictures', help='a folder of pictures, which become textures too; with the device renderer')
    a = p.parse_args(arguments)
    if a.pictures and a.renderer == 'cpu':
        p.error('only the device renderer takes pictures: renderer=cpu; leave --renderer or --pictures out')
    clips = rendered(a.seed, a.held_out, a.pictures) if a.renderer == 'device' else by_workers(a.seed, a.held_out)
    sheet = np.vstack([np.hstack([marked(f[s], t[max(0, s - 7):s + 1], v[s]) for s in SHOWN]) for f, t, v in clips])
    Image.fromarray(sheet).save(a.sheet)


if __name__ == '__main__':
    main()
