"""A bank of textures, made on the device: dead leaves, Voronoi cells, 1/f noise, stripes and checks, writing, the CC0 tiles, and
pictures of a user's folder."""
import glob
import math
import os

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont

from ..sheets import load_sheets

PICTURE = 256  # side at which a user's pictures are kept


class Sources:
    """What is read once: tiles (n, 3, 128, 128), glyphs (g, 1, 32, 24), a user's pictures (p, 3, 256, 256) or None; uint8, on the device."""

    def __init__(self, device='cpu', held_out=False, pictures=None):
        self.tiles = torch.from_numpy(np.stack(load_sheets(held_out)).transpose(0, 3, 1, 2).copy()).to(device)
        self.glyphs = torch.from_numpy(np.stack([glyph(chr(c)) for c in range(33, 127)])).to(device)
        self.pictures = torch.from_numpy(load_pictures(pictures)).to(device) if pictures else None


def glyph(character):
    """(1, 32, 24) uint8, ink 255."""
    image = Image.new('L', (24, 32))
    ImageDraw.Draw(image).text((12, 16), character, 255, ImageFont.load_default(size=26), anchor='mm')
    return np.asarray(image)[None]


def load_pictures(folder):
    """All JPEG, PNG and WebP pictures below a folder, their central square shrunk: (p, 3, 256, 256) uint8."""
    files = sorted(f for ext in ('jpg', 'jpeg', 'png', 'webp') for f in glob.glob(os.path.join(folder, '**', '*.' + ext), recursive=True))
    if not files:
        raise FileNotFoundError(f'no pictures: folder={folder}; give a folder with .jpg, .png or .webp files')
    out = []
    for f in files:
        with Image.open(f) as image:
            side = min(image.size)
            x, y = (image.width - side) // 2, (image.height - side) // 2
            out.append(np.asarray(image.convert('RGB').resize((PICTURE, PICTURE), Image.LANCZOS, (x, y, x + side, y + side))).transpose(2, 0, 1))
    return np.stack(out)


def palette(draw, m, n):
    """n colours around a common base: (m, n, 3)."""
    return (draw.uniform(.15, .85, m, 1, 3) + draw.normal(m, n, 3) * draw.uniform(.1, .45, m, 1, 1)).clamp(0, 1)


def fractal(draw, m, channels, size, low=1., high=2.5):
    """1/f^a noise, a between low and high, of mean 0 and deviation 1: (m, channels, size, size). It wraps round."""
    fy, fx = torch.fft.fftfreq(size, device=draw.device)[:, None], torch.fft.rfftfreq(size, device=draw.device)[None]
    radius = (fx * fx + fy * fy).sqrt().clamp(min=1 / size)
    spectrum = torch.fft.rfft2(draw.normal(m, channels, size, size)) * radius ** -draw.uniform(low, high, m, 1, 1, 1)
    spectrum[..., 0, 0] = 0
    out = torch.fft.irfft2(spectrum, s=(size, size))
    return out / out.std((1, 2, 3), keepdim=True).clamp(min=1e-6)


def noise(draw, m, size):
    t = fractal(draw, m, 3, size)
    steps = draw.uniform(1.5, 5, m, 1, 1, 1)
    t = torch.where(draw.chance(.4, m, 1, 1, 1), (t * steps).round() / steps, t)  # posterised: edges and flat regions
    return t * draw.uniform(.05, .3, m, 1, 1, 1) + draw.uniform(.2, .8, m, 3, 1, 1)


def shapes(draw, size, n, leaves):
    """One texture (1, 3, size, size) of n turned ellipses and rectangles: lying over each other (dead leaves, radii by a power
    law, Ruderman 1997), or each with the pixels that are nearest to it (Voronoi cells)."""
    at, angle, aspect = draw.uniform(0, size, n, 2), draw.uniform(0, math.pi, n), draw.uniform(.4, 1, n)
    axis = torch.arange(size, device=draw.device).float()[:, None]
    dx, dy = (axis - at[:, 0])[None], (axis - at[:, 1])[:, None]
    if leaves:
        radius = size / 160 * (2 / (draw.uniform(0, 1, n) + .03) + 2)
        u, v = (dx * angle.cos() + dy * angle.sin()) / radius, (dy * angle.cos() - dx * angle.sin()) / (radius * aspect)
        inside = torch.where(draw.chance(.5, n), torch.maximum(u.abs(), v.abs()), u * u + v * v) < 1
        label = (inside * torch.arange(1, n + 1, device=draw.device)).amax(-1)  # 0: the ground
    else:
        label = (dx * dx + dy * dy).argmin(-1)
    colours = palette(draw, 1, n + 1)[0]
    return colours[label].permute(2, 0, 1)[None]


def repeated(draw, m, size):
    """Stripes, checks, grids and window fronts, turned: what repeats, so that matching alone cannot tell."""
    axis = torch.arange(size, device=draw.device).float()
    angle = draw.uniform(0, math.pi, m, 1, 1)
    x, y = axis[None, None] * angle.cos() + axis[None, :, None] * angle.sin(), axis[None, :, None] * angle.cos() - axis[None, None] * angle.sin()
    u, v = draw.uniform(6, 40, m, 1, 1), draw.uniform(6, 40, m, 1, 1)
    a, b = (2 * math.pi * x / u).sin(), (2 * math.pi * y / v).sin()
    edge = draw.uniform(-.6, .6, m, 1, 1)
    kinds = torch.stack([(2 * math.pi * x / u + 2 * (y / (v + 10)).sin()).sin(), torch.sign(a * b), torch.maximum(a, b) * 8 - 7,
                         torch.where((a > edge) & (b > edge), 1., -1.)])
    mask = kinds[draw.below(4, m), torch.arange(m, device=draw.device)].clamp(-1, 1)[:, None] * .5 + .5
    colours = palette(draw, m, 2)[..., None, None]
    return colours[:, 0] * mask + colours[:, 1] * (1 - mask) + fractal(draw, m, 1, size) * draw.uniform(0, .02, m, 1, 1, 1)


def writing(draw, m, size, glyphs):
    """Lines of random letters in a few colours, at a random scale."""
    out = []
    for _ in range(m):
        tall = int(draw.host.randint(12, 48))  # pixels of a line
        rows, columns = size // tall + 1, size * 4 // (3 * tall) + 1
        ink = glyphs[draw.below(len(glyphs), rows, columns), 0].float() / 255 * draw.chance(.75, rows, columns)[..., None, None]
        ink = ink.permute(0, 2, 1, 3).reshape(1, 1, rows * 32, columns * 24)
        ink = F.interpolate(ink, (rows * tall, columns * tall * 3 // 4 + 1), mode='bilinear', antialias=True)[..., :size, :size]
        ink = F.pad(ink, (0, size - ink.shape[-1], 0, size - ink.shape[-2]))
        colours = palette(draw, 1, 4)[0]
        fore = F.interpolate(colours[draw.below(3, rows, columns) + 1].permute(2, 0, 1)[None], (size, size))
        out.append(colours[0, :, None, None] * (1 - ink) + fore * ink)
    return torch.cat(out)


def tiles(draw, m, size, sheet):
    """Tiles repeated (they are seamless) at random scales and offsets."""
    n = sheet.shape[-1]
    chosen = F.pad(sheet[draw.below(len(sheet), m)].float() / 255, (0, 1, 0, 1), mode='circular')
    scale = draw.uniform(math.log(.8), math.log(3), m, 1).exp()
    x, y = ((torch.arange(size, device=draw.device) / scale + draw.uniform(0, n, m, 1)) % n * 2 / n - 1 for _ in 'xy')
    grid = torch.stack(torch.broadcast_tensors(x[:, None], y[:, :, None]), -1)
    return F.grid_sample(chosen, grid, align_corners=True)


def crops(draw, m, size, pictures):
    """Random parts of a user's pictures, half of them mirrored."""
    half = draw.uniform(.5, 1, m, 1, 1)
    flip = torch.where(draw.chance(.5, m, 1), -1., 1.)
    centre = draw.uniform(-1, 1, m, 2, 1) * (1 - half)
    theta = torch.cat([half * torch.stack([flip, torch.zeros_like(flip)], 2), half * torch.stack([torch.zeros_like(flip), torch.ones_like(flip)], 2)], 1)
    grid = F.affine_grid(torch.cat([theta, centre], 2), (m, 3, size, size), align_corners=False)
    return F.grid_sample(pictures[draw.below(len(pictures), m)].float() / 255, grid, padding_mode='reflection', align_corners=False)


SHARES = dict(tiles=.5, crops=0., noise=.16, leaves=.1, cells=.1, repeated=.08, writing=.06)
WITH_PICTURES = dict(SHARES, tiles=.25, crops=.25)


def make_bank(draw, sources, count, size):
    """(count, 3, size, size) in 0..1; two in five in patches over another one, most with faint large variation, half recoloured."""
    shares = WITH_PICTURES if sources.pictures is not None else SHARES
    m = {k: round(count * s) for k, s in shares.items()}
    m['noise'] += count - sum(m.values())
    parts = [tiles(draw, m['tiles'], size, sources.tiles), noise(draw, m['noise'], size), repeated(draw, m['repeated'], size)]
    parts += [shapes(draw, size, int(draw.host.randint(60, 200)), leaves) for leaves in (True, False) for _ in range(m['leaves' if leaves else 'cells'])]
    if m['writing']:
        parts.append(writing(draw, m['writing'], size, sources.glyphs))
    if m['crops']:
        parts.append(crops(draw, m['crops'], size, sources.pictures))
    bank = torch.cat(parts)[draw.constant(draw.host.permutation(count))]
    mask = (fractal(draw, count, 1, size, 1.8, 2.5) * 4 + draw.uniform(-3, 3, count, 1, 1, 1)).sigmoid()
    bank = torch.where(draw.chance(.4, count, 1, 1, 1), bank * mask + bank.roll(1, 0) * (1 - mask), bank)
    bank = bank * (fractal(draw, count, 1, size, 2, 2.5) * draw.uniform(0, .12, count, 1, 1, 1)).exp()
    flat = (bank - bank.mean((2, 3), keepdim=True)) * draw.uniform(.25, 1.6, count, 1, 1, 1) + draw.uniform(.2, .8, count, 1, 1, 1) + draw.normal(count, 3, 1, 1) * .08
    return torch.where(draw.chance(.5, count, 1, 1, 1), flat, bank).clamp(0, 1)
