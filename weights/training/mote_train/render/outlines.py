"""Alpha maps of random shapes, many of one kind at once, with edges about two map pixels soft."""
import math

import torch

SIDE = 128  # of an alpha map
KINDS = ('blob', 'polygon', 'ellipse', 'bar', 'block', 'fence', 'capsule')


def inside(draw, kind, n):
    """(n, SIDE, SIDE): how far inside a shape that fits -1..1 each place is, about in units of half its extent."""
    c = (torch.arange(SIDE, device=draw.device) + .5) * 2 / SIDE - 1
    x, y = c[None, None], c[None, :, None]

    def each(low, high):
        return draw.uniform(low, high, n, 1, 1)
    if kind == 'blob':
        theta, radius = torch.atan2(y, x), each(.5, .62)
        for k in range(2, 7):
            radius = radius + draw.normal(n, 1, 1).clamp(-2, 2) * .16 / k * (k * theta + each(0, 6)).cos()
        return radius - (x * x + y * y).sqrt()
    if kind == 'polygon':
        corners = int(draw.host.randint(3, 8))
        out = torch.full((n, SIDE, SIDE), .95, device=draw.device)
        for k in range(corners):
            angle = (k + each(-.35, .35)) * 2 * math.pi / corners
            out = torch.minimum(out, each(.3, .62) - x * angle.cos() - y * angle.sin())
        return out
    if kind == 'ellipse':
        a, b = each(.8, .95), each(.5, .95)
        return (1 - ((x / a) ** 2 + (y / b) ** 2).sqrt()) * b
    if kind == 'bar':
        return torch.minimum(each(.08, .3) - x.abs(), .96 - y.abs())
    if kind == 'block':
        return torch.minimum(.94 - x.abs(), each(.5, .94) - y.abs())
    if kind == 'fence':
        period, share = each(.25, .6), each(.25, .55)
        phase = ((x + 1) % period - period / 2).abs()
        return torch.minimum(torch.maximum(share * period / 2 - phase, y.abs() - .86), .95 - torch.maximum(x.abs(), y.abs()))
    if kind == 'capsule':
        return .26 - (x * x + (y.abs() - .66).clamp(min=0) ** 2).sqrt()
    raise ValueError(f'no such outline: kind={kind}; give one of {", ".join(KINDS)}')


def outline(draw, kind, n):
    """(n, 1, SIDE, SIDE) in 0..1, the outermost pixels 0."""
    alpha = (inside(draw, kind, n) * SIDE).sigmoid().expand(n, -1, -1)
    return torch.nn.functional.pad(alpha[:, None, 1:-1, 1:-1], (1, 1, 1, 1))
