"""Random paths over time, many at once, and the affine maps (..., 3, 3) made of them. All walks start at 0."""
import math

import torch


def affine(a, b, x, c, d, y):
    """[[a, b, x], [c, d, y], [0, 0, 1]] of tensors that broadcast."""
    a, b, x, c, d, y = torch.broadcast_tensors(a, b, x, c, d, y)
    zero, one = torch.zeros_like(a), torch.ones_like(a)
    return torch.stack([a, b, x, c, d, y, zero, zero, one], -1).unflatten(-1, (3, 3))


def translation(x, y):
    one, zero = torch.ones_like(x), torch.zeros_like(x)
    return affine(one, zero, x, zero, one, y)


def rotation(r):
    zero = torch.zeros_like(r)
    return affine(r.cos(), -r.sin(), zero, r.sin(), r.cos(), zero)


def scaling(x, y, shear=None):
    zero = torch.zeros_like(x)
    return affine(x, zero if shear is None else shear, zero, zero, y, zero)


def inverse(maps):
    """Of affine maps (..., 3, 3). (torch.linalg.inv waits for the device, to see whether it failed.)"""
    a, b, x, c, d, y = (maps[..., i, j] for i in (0, 1) for j in range(3))
    size = a * d - b * c
    return affine(d / size, -b / size, (b * y - d * x) / size, -c / size, a / size, (c * x - a * y) / size)


def walk(draw, shape, frames, scale, inertia):
    """(*shape, frames): integrated velocity that forgets slowly; scale, a number or of `shape`, is about the typical step."""
    lag = torch.arange(frames, device=draw.device)
    lag = lag[None] - lag[:, None]
    memory = torch.where(lag >= 0, inertia ** lag.clamp(min=0), 0.) * (1 - inertia) * 1.5
    memory[0] /= (1 - inertia) * 1.5
    way = (draw.normal(*shape, frames) @ memory).cumsum(-1)
    return (way - way[..., :1]) * (scale[..., None] if torch.is_tensor(scale) else scale)


def path(draw, n, frames, speed):
    """(n, frames, 2): ways with about speed (n,) pixels a frame: wandering, swaying, or straight with stops and reversals."""
    t = torch.arange(frames, device=draw.device)
    wander = walk(draw, (n, 2), frames, speed[:, None] * draw.uniform(.3, 1, n, 2), .85)
    period = draw.uniform(8, 48, n, 1, 1)
    phase = draw.uniform(0, 6, n, 2, 1)
    swing = draw.normal(n, 2, 1) * speed[:, None, None] * period / 7
    sway = ((2 * math.pi * t / period + phase).sin() - phase.sin()) * swing + .2 * wander
    pace = draw.constant([0., 1, 1, 1, -1])[draw.below(5, n, frames // 6 + 2)].repeat_interleave(6, 1)[:, :frames]
    pace = torch.nn.functional.avg_pool1d(pace[:, None], 5, 1, 2, count_include_pad=False)[:, 0]  # no jerks
    angle = draw.uniform(0, 2 * math.pi, n, 1)
    straight = torch.stack([angle.cos(), .6 * angle.sin()], 1) * ((pace.cumsum(1) - pace[:, :1]) * speed[:, None])[:, None]
    kind = draw.uniform(0, 1, n, 1, 1)
    return torch.where(kind < .5, wander, torch.where(kind < .75, sway, straight)).transpose(1, 2)


def crops(draw, clips, frames, height, width, share=.3):
    """Maps (clips, frames, 3, 3) from the camera's picture to the one that is shown: a scale, another each clip and axis, and a place that
    both wander, in a share of the clips; in the others the identity. After the resizes and drifting crops of Harley et al. 2022."""
    taken = draw.chance(share, clips).float()[:, None]
    scale = draw.uniform(math.log(.75), math.log(1.5), clips, 1) + walk(draw, (clips,), frames, .02, .8).clamp(-.5, .5)
    aspect = draw.uniform(-.1, .1, clips, 1) + walk(draw, (clips,), frames, .006, .8).clamp(-.2, .2)
    x, y = (walk(draw, (clips,), frames, draw.uniform(0, .015, clips) * side, .8) * taken + side / 2 for side in (width, height))
    back = translation(torch.full_like(x, -width / 2), torch.full_like(y, -height / 2))
    return translation(x, y) @ scaling(((scale + aspect) * taken).exp(), ((scale - aspect) * taken).exp()) @ back


class Camera:
    """Maps (B, T, 3, 3) from the world to the picture: pan, zoom and roll about its centre, a hand that shakes; near layers pan more.
    What it sees is shown through crops that wander."""

    def __init__(self, draw, clips, frames, height, width, speed):
        moving = (~draw.chance(.2, clips)).float()
        self.x, self.y = (torch.full((), v / 2., device=draw.device) for v in (width, height))
        self.pan = path(draw, clips, frames, speed * .6 * moving) + walk(draw, (clips, 2), frames, .25 * moving[:, None].expand(-1, 2), .3).transpose(1, 2)
        self.roll = walk(draw, (clips,), frames, .012 * moving, .8)
        self.zoom = walk(draw, (clips,), frames, .012 * moving, .85).clamp(-.6, .6).exp()
        self.crop = crops(draw, clips, frames, height, width)

    def maps(self, depth):
        """depth (B,): 1 is the far background, more is nearer."""
        shift = depth[:, None, None] * self.pan
        return (self.crop @ translation(self.x + shift[..., 0], self.y + shift[..., 1]) @ rotation(self.roll) @ scaling(self.zoom, self.zoom)
                @ translation(-self.x, -self.y))


def body_maps(draw, camera, frames, at, speed, turning, depth):
    """Maps (B, T, 3, 3) from a thing's own pixels (origin at its centre) to the picture: path from at (B, 2), turn, zoom,
    shear, aspect. turning: 0 keeps it upright."""
    n = len(at)
    way = at[:, None] + path(draw, n, frames, speed)
    turn = walk(draw, (n,), frames, .05 * turning, .8) + draw.uniform(-3, 3, n, 1) * min(1., turning)
    zoom = walk(draw, (n,), frames, .025, .8).clamp(-.8, .8).exp()
    aspect, shear = walk(draw, (n,), frames, .012, .8).clamp(-.5, .5).exp(), walk(draw, (n,), frames, .01, .8)
    return (camera.maps(depth) @ translation(way[..., 0], way[..., 1]) @ rotation(turn)
            @ scaling(torch.ones_like(shear), torch.ones_like(shear), shear) @ scaling(zoom * aspect, zoom / aspect))
