"""The `mote` tracker: CNN features, multi-scale correlation with 3x3 patch templates, MLP-Mixer over 8 frames.

The definition of the family; the engine's implementations are held to it by the packs that `export` writes.
Coordinates are pixels of the input frame, (x, y), pixel centres at integers. Feature pixel f of the stride-4 map sits at
4 f + 1.5; pyramid level l averages 2^l x 2^l feature pixels. Differences from the published PIPs (Harley et al., ECCV 2022):
unit-length features, templates that are patches and never updated, windows whose first frame is locked only where it is the
query's own.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

STRIDE = 4
CENTRE = (STRIDE - 1) / 2  # of feature pixel 0, in pixels
SCALE = 4.0  # of the dot products of unit vectors, and of the head's outputs


def widen(t):
    """bfloat16 (autocast) to float32; float32 and float64 stay."""
    return t.float() if t.dtype == torch.bfloat16 else t


class Residual(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(cin, cout, 3, stride, 1), nn.Conv2d(cout, cout, 3, 1, 1)
        self.n1, self.n2 = nn.InstanceNorm2d(cout), nn.InstanceNorm2d(cout)
        straight = stride == 1 and cin == cout
        self.d = None if straight else nn.Sequential(nn.Conv2d(cin, cout, 1, stride), nn.InstanceNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.n2(self.c2(F.relu(self.n1(self.c1(x))))))
        return F.relu((x if self.d is None else self.d(x)) + y)


class Encoder(nn.Module):
    """(M, 3, H, W) in [-1, 1] -> (M, C, ceil(H/4), ceil(W/4)), unit length per pixel. About 1.5 GFLOP at 256x256."""

    def __init__(self, channels=(24, 32, 48, 64), out=64):
        super().__init__()
        a, b, c, d = channels
        self.c1, self.n1 = nn.Conv2d(3, a, 7, 2, 3), nn.InstanceNorm2d(a)
        self.l1 = Residual(a, a, 1)
        self.l2 = nn.Sequential(Residual(a, b, 2), Residual(b, b, 1))
        self.l3 = nn.Sequential(Residual(b, c, 2), Residual(c, c, 1))
        self.l4 = nn.Sequential(Residual(c, d, 2), Residual(d, d, 1))
        self.p1, self.p2 = nn.Conv2d(a, out, 3, 2, 1), nn.Conv2d(b, out, 3, 1, 1)
        self.p3, self.p4 = nn.Conv2d(c, out, 1), nn.Conv2d(d, out, 1)  # before the resize: it commutes and costs less
        self.o, self.n2 = nn.Conv2d(out, out, 3, 1, 1), nn.InstanceNorm2d(out)

    def forward(self, x):
        x = F.relu(self.n1(self.c1(x)))
        a = self.l1(x)
        b = self.l2(a)
        c = self.l3(b)
        d = self.l4(c)

        def up(t):
            return F.interpolate(t, b.shape[-2:], mode='bilinear', align_corners=False)

        y = self.p1(a) + self.p2(b) + up(self.p3(c)) + up(self.p4(d))
        return F.normalize(widen(self.o(F.relu(self.n2(y)))), dim=1)


class MixerBlock(nn.Module):
    def __init__(self, frames, dim, expansion=4):
        super().__init__()
        self.n1, self.n2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.t1, self.t2 = nn.Linear(frames, frames * expansion), nn.Linear(frames * expansion, frames)
        self.f1, self.f2 = nn.Linear(dim, dim * expansion), nn.Linear(dim * expansion, dim)

    def forward(self, x):
        x = x + self.t2(F.gelu(self.t1(self.n1(x).transpose(1, 2)))).transpose(1, 2)
        return x + self.f2(F.gelu(self.f1(self.n2(x))))


def sample(maps, at):
    """Bilinear, border repeated: maps (M, C, H, W), at (M, N, K, 2) in map pixels -> (M, N, K, C)."""
    h, w = maps.shape[-2:]
    grid = torch.stack([2 * at[..., 0] / (w - 1) - 1, 2 * at[..., 1] / (h - 1) - 1], -1)
    return F.grid_sample(maps, grid, align_corners=True, padding_mode='border').permute(0, 2, 3, 1)


class Pyramid:
    """maps: levels of (M, C, h, w). rows: the same as (M * h * w + 1, C), the last row zeros, for what lies outside."""

    def __init__(self, maps):
        self.maps = maps
        self.rows = [F.pad(m.permute(0, 2, 3, 1).flatten(0, 2), (0, 0, 0, 1)) for m in maps]


def offsets(radius):
    """(1, (2 radius + 1)^2, 2): (dx, dy), row by row."""
    d = torch.arange(-radius, radius + 1).float()
    return torch.stack(torch.meshgrid(d, d, indexing='ij')[::-1], -1).reshape(1, -1, 2)


class Tracker(nn.Module):
    """S frames a window, C features, mixer width D; `support` is the template patch's radius, `corr` a level's width."""

    def __init__(self, S=8, C=64, D=128, depth=3, levels=4, radius=3, support=1, frequencies=6, corr=48,
                 channels=(24, 32, 48, 64)):
        super().__init__()
        self.S, self.C, self.levels = S, C, levels
        self.enc = Encoder(channels, C)
        self.register_buffer('delta', offsets(radius))
        self.register_buffer('reach', torch.arange(-radius, radius + 2), persistent=False)
        self.register_buffer('sdel', offsets(support))
        self.register_buffer('freq', 2 * math.pi / 2.0 ** torch.arange(1, 1 + frequencies) / 2)
        k, t = self.delta.shape[1], self.sdel.shape[1]
        self.cl = nn.ModuleList([nn.Linear(t * k, corr) for _ in range(levels)])
        self.inp = nn.Linear(levels * corr + 2 + 4 * frequencies + 2 + C, D)
        self.temb = nn.Parameter(torch.randn(S, D) * .02)
        self.mix = nn.Sequential(*[MixerBlock(S, D) for _ in range(depth)])
        self.nrm, self.head = nn.LayerNorm(D), nn.Linear(D, 4)
        nn.init.normal_(self.head.weight, std=.002)
        nn.init.zeros_(self.head.bias)
        self.temp = nn.Parameter(torch.tensor(2.5))  # of the auxiliary matching loss only

    NOT_SHIPPED = ('delta', 'sdel', 'freq', 'temp')  # constants, which averaging would round, and the training's own

    def ships(self, name):
        """Whether a weight file holds this part of the state: the parameters that mote.arch names."""
        return name not in self.NOT_SHIPPED

    def shipped(self):
        """What a weight file holds."""
        return {k: v for k, v in self.state_dict().items() if self.ships(k)}

    def load_shipped(self, state):
        """Takes those from a weight file, a checkpoint or an average of checkpoints."""
        mine = self.state_dict()
        self.load_state_dict({k: state[k] if self.ships(k) else mine[k] for k in mine})
        return self

    @staticmethod
    def sizes(state):
        """The constructor's arguments for the Tracker (of radius 3) whose weights these are."""
        S, D = state['temb'].shape
        corr, patch = state['cl.0.weight'].shape
        levels, C = sum(k.startswith('cl.') and k.endswith('.weight') for k in state), len(state['enc.o.weight'])
        return dict(S=S, C=C, D=D, depth=len({k.split('.')[1] for k in state if k.startswith('mix.')}), levels=levels,
                    support=(math.isqrt(patch) // 7 - 1) // 2, frequencies=(state['inp.weight'].shape[1] - levels * corr - 4 - C) // 4,
                    corr=corr, channels=tuple(state[f'enc.p{i}.weight'].shape[1] for i in range(1, 5)))

    def encode(self, frames):
        """frames (M, 3, H, W), 0..255 -> (M, C, h, w)."""
        return self.enc(frames.to(self.temb.dtype) / 127.5 - 1)

    def see(self, pictures, batch=None):
        """pictures (M, 3, H, W), 0..255 -> Pyramid of all, `batch` of them encoded at a time (all)."""
        return self.pyramid(torch.cat([self.encode(p) for p in pictures.split(batch or len(pictures))]))

    def pyramid(self, maps):
        """(M, C, h, w) -> Pyramid of `levels` maps, each of half the size of the one before, rounded up."""
        p = [maps]
        for _ in range(self.levels - 1):
            p.append(F.avg_pool2d(p[-1], 2, ceil_mode=True, count_include_pad=False))
        return Pyramid(p)

    @staticmethod
    def at_level(feature_xy, level):
        return (feature_xy - .5 * (2 ** level - 1)) / 2 ** level

    def template(self, pyramid, frames, xy):
        """frames (B,) of the pyramid's, xy (B, N, 2) pixels -> per level (B, N, 9, C), interpolated, border repeated."""
        q = (xy - CENTRE) / STRIDE
        return [sample(p[frames], self.at_level(q, l)[:, :, None] + self.sdel) for l, p in enumerate(pyramid.maps)]

    def correlate(self, pyramid, frames, template, co, level):
        """frames (B, S) of the pyramid's, template (B, N, t, C), co (B, S, N, 2) feature pixels of level 0
        -> (B, S, N, k * t): position by position, row by row, and for each the t patch pixels. Zero outside the map.

        Products are taken at the 8x8 integer positions around the estimate and then interpolated to the 7x7 that are asked
        for: the same as interpolating features first, since both are linear.
        """
        B, S, N, _ = co.shape
        h, w = pyramid.maps[level].shape[-2:]
        at = self.at_level(co, level).clamp(-1e5, 1e5)
        base = at.detach().floor()
        fx, fy = ((at - base)[..., i, None, None, None] for i in (0, 1))
        x, y = base.long()[..., 0, None] + self.reach, base.long()[..., 1, None] + self.reach
        inside = ((y >= 0) & (y < h))[..., None] & ((x >= 0) & (x < w))[..., None, :]
        row = (frames[:, :, None, None, None] * h + y[..., None]) * w + x[..., None, :]
        rows = pyramid.rows[level]
        around = F.embedding(torch.where(inside, row, len(rows) - 1).flatten(-2), rows)
        c = widen(torch.matmul(around, template[:, None].transpose(-1, -2).to(around.dtype)))
        k = len(self.reach)
        c = c.reshape(B, S, N, k, k, -1)
        c = c[..., :-1, :, :] + (c[..., 1:, :, :] - c[..., :-1, :, :]) * fy
        c = c[..., :-1, :] + (c[..., 1:, :] - c[..., :-1, :]) * fx
        return c.flatten(-3) * SCALE

    def mixer_input(self, correlations, co, state, template):
        """Correlations through their layers, flow, its sines and cosines, last logits, template centre: (B, S, N, inputs)."""
        B, S, N, _ = co.shape
        cs = [F.gelu(layer(c)) for layer, c in zip(self.cl, correlations)]
        flow = co - co[:, :1]
        angle = flow[..., None] * self.freq
        centre = template[0][:, None, :, self.sdel.shape[1] // 2].expand(B, S, N, self.C)
        return torch.cat(cs + [(flow / 16).clamp(-4, 4), angle.sin().flatten(-2), angle.cos().flatten(-2),
                               state.clamp(-8, 8) / 4, centre], -1)

    def mixer(self, x):
        """(B, S, N, inputs) -> the head's raw output (B, S, N, 4)."""
        B, S, N, _ = x.shape
        y = self.inp(x).permute(0, 2, 1, 3).reshape(B * N, S, -1) + self.temb[:S]
        return widen(self.head(self.nrm(self.mix(y)))).reshape(B, N, S, 4).permute(0, 2, 1, 3)

    def refine(self, pyramid, frames, template, start, iterations, locked, stages=None):
        """One window. frames (B, S) of the pyramid's, start (B, S, N, 2) pixels, locked (B, N) bool: frame 0 is the query's
        own and stays. stages: a dict that receives the first iteration's correlation, mixer input and output.

        Returns per iteration (xy (B, S, N, 2) pixels, logits (B, S, N, 2): visible, error under the model's confidence_px).
        """
        co, out = (start - CENTRE) / STRIDE, []
        state = torch.zeros_like(start)
        free = torch.cat([(~locked)[:, None, :, None].to(start.dtype),
                          torch.ones_like(start[:, 1:, :, :1])], 1)
        for _ in range(iterations):
            co, state = co.detach(), state.detach()
            correlations = [self.correlate(pyramid, frames, t, co, l) for l, t in enumerate(template)]
            x = self.mixer_input(correlations, co, state, template)
            y = self.mixer(x)
            if stages is not None and not out:
                stages.update(correlation=torch.cat(correlations, -1), mixer_input=x, mixer_output=y)
            co, state = co + y[..., :2] * SCALE * free, y[..., 2:] * SCALE
            out.append((co * STRIDE + CENTRE, state))
        return out
