"""What light and a camera do to pictures: moving shade, fog, gain and brightness drift, blur, noise and JPEG's losses."""
import math

import torch
import torch.nn.functional as F

from .motion import walk
from .textures import fractal

LUMINANCE = torch.tensor([[16, 11, 10, 16, 24, 40, 51, 61], [12, 12, 14, 19, 26, 58, 60, 55], [14, 13, 16, 24, 40, 57, 69, 56],
                          [14, 17, 22, 29, 51, 87, 80, 62], [18, 22, 37, 56, 68, 109, 103, 77], [24, 35, 55, 64, 81, 104, 113, 92],
                          [49, 64, 78, 87, 103, 121, 120, 101], [72, 92, 95, 98, 112, 100, 103, 99]]) / 255.
"""JPEG's example table of quantisation (ITU-T T.81, Annex K), for values in 0..1."""


def cosines(device):
    """The 8-point discrete cosine transform, orthonormal."""
    k = torch.arange(8, device=device)
    d = (math.pi * (2 * k[None] + 1) * k[:, None] / 16).cos() / 2
    d[0] /= math.sqrt(2)
    return d


def compress(draw, pictures, strength):
    """(M, 3, H, W) in 0..1 through JPEG's transform and rounding, by blocks of 8x8, chroma at half its precision; strength
    (M, 1, 1, 1, 1, 1) scales the table."""
    H, W = pictures.shape[-2:]
    r, g, b = pictures.unbind(1)
    y = .299 * r + .587 * g + .114 * b
    padded = F.pad(torch.stack([y, (b - y) / 1.772, (r - y) / 1.402], 1), (0, -W % 8, 0, -H % 8), mode='replicate')
    d, table = cosines(pictures.device), draw.constant(LUMINANCE) * strength
    table = table * draw.constant([1., 2, 2])[:, None, None, None, None]
    blocks = d @ padded.unflatten(-1, (-1, 8)).unflatten(-3, (-1, 8)).transpose(-3, -2) @ d.T
    blocks = d.T @ ((blocks / table).round() * table) @ d
    y, cb, cr = blocks.transpose(-3, -2).flatten(-4, -3).flatten(-2)[..., :H, :W].unbind(1)
    r, b = y + 1.402 * cr, y + 1.772 * cb
    return torch.stack([r, (y - .299 * r - .114 * b) / .587, b], 1)


def blurred(pictures, sigma):
    """(M, 3, H, W) with a Gaussian of 7 taps."""
    taps = torch.exp(-torch.arange(-3, 4, device=pictures.device) ** 2 / (2 * sigma ** 2))
    taps = (taps / taps.sum()).expand(3, 1, 1, -1)
    pictures = F.conv2d(F.pad(pictures, (3, 3, 0, 0), mode='replicate'), taps, groups=3)
    return F.conv2d(F.pad(pictures, (0, 0, 3, 3), mode='replicate'), taps.transpose(2, 3), groups=3)


def develop(draw, pictures):
    """(B, 3, T, H, W) in 0..1 -> (B, T, 3, H, W) uint8. Which of these happen is one draw for all clips, how strongly another each."""
    B, _, T, H, W = pictures.shape
    host = draw.host
    if host.rand() < .3:
        side = max(H, W)
        field = fractal(draw, B, 1, 2 * side, 2.2, 2.8)
        y, x = (walk(draw, (B,), T, 3., .9).clamp(-side / 2, side / 2) + side / 2 for _ in 'yx')
        rows = (y[..., None] + torch.arange(H, device=draw.device)).round().long() % (2 * side)
        columns = (x[..., None] + torch.arange(W, device=draw.device)).round().long() % (2 * side)
        field = field[torch.arange(B, device=draw.device)[:, None, None, None], 0, rows[..., None], columns[:, :, None]]
        pictures = pictures * (1 - draw.uniform(.2, .6, B, 1, 1, 1) * (field * draw.uniform(2, 12, B, 1, 1, 1)).sigmoid())[:, None]
    if host.rand() < .2:
        fog = (walk(draw, (B,), T, .02, .9) + draw.uniform(0, .35, B, 1)).clamp(0, .5)[:, None, :, None, None]
        pictures = torch.lerp(pictures, draw.uniform(.4, .9, B, 1, 1, 1, 1), fog)
    if host.rand() < .6:
        gain, shift = walk(draw, (B,), T, .02, .7).exp().clamp(.5, 2), walk(draw, (B,), T, .012, .7).clamp(-.3, .3)
        pictures = (pictures - .5) * gain[:, None, :, None, None] + .5 + shift[:, None, :, None, None]
    pictures = pictures.transpose(1, 2).flatten(0, 1)
    if host.rand() < .4:
        pictures = blurred(pictures, float(host.uniform(.4, 1.4)))
    pictures = pictures + draw.normal(*pictures.shape) * draw.uniform(0, .03, B, 1, 1, 1, 1).expand(-1, T, -1, -1, -1).flatten(0, 1)
    if host.rand() < .5:
        strength = draw.uniform(math.log(.2), math.log(2), B, 1, 1, 1, 1, 1, 1).exp()
        pictures = compress(draw, pictures.clamp(0, 1), strength.expand(-1, T, -1, -1, -1, -1, -1).flatten(0, 1))
    return (pictures.clamp(0, 1) * 255).round().to(torch.uint8).unflatten(0, (B, T))
