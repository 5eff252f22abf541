"""Training batches from the renderer, as ../samples.py cuts them, wholly on the device. Group g follows from (seed, g) alone."""
import torch

from ..config import at
from ..tracking import WINDOW
from .develop import develop
from .draw import Draw
from .paint import exposed, tracks
from .scene import make_scene
from .textures import Sources, make_bank


class Clips:
    """B clips: frames (B, T, 3, H, W) uint8, owner (B, T, H, W), and their exact tracks."""

    def __init__(self, draw, bank, clips, frames, height, width, fastest):
        self.scene = make_scene(draw, clips, frames, height, width, len(bank), fastest)
        shutter = float(draw.host.uniform(.15, .5)) if draw.host.rand() < .15 else 0
        pictures, self.rendered = exposed(self.scene, bank, height, width, shutter)
        order = self.scene.order
        self.frames, self.owner = develop(draw, pictures[:, :, order]), self.rendered[:, order]

    def tracks(self, query_frame, xy):
        """query_frame (B,) of the frames, xy (B, P, 2) -> tracks (B, T, P, 2), visible (B, T, P) bool."""
        way, visible = tracks(self.scene, self.rendered, self.scene.order[query_frame], xy)
        return way[:, self.scene.order], visible[:, self.scene.order]


def candidates(draw, owner, frame, count):
    """Pixels of frame (B,) of each clip, mostly on things in front: (B, count, 2)."""
    B, _, H, W = owner.shape
    xy = torch.stack([draw.uniform(2, W - 3, B, 2 * count), draw.uniform(2, H - 3, B, 2 * count)], -1)
    at = xy.round().long()
    front = owner[torch.arange(B, device=owner.device)[:, None], frame[:, None], at[..., 1], at[..., 0]] > 0
    best = (front * .4 + draw.uniform(0, 1, B, 2 * count)).topk(count, 1).indices
    return xy.gather(1, best[..., None].expand(-1, -1, 2))


def disturbed(draw, truth, height, width):
    """What a tracker may start a later window from: its estimate of the first 1 to 5 frames, off by a common and a small
    independent error, carried on at rest or (one in five) at constant velocity. truth (B, 8, N, 2)."""
    B, S, N, _ = truth.shape
    off = draw.constant([.5, .5, .5, .5, 1.5, 1.5, 1.5, 4, 4, 8])[draw.below(10, B, 1, N, 1)]
    start = truth + draw.normal(B, 1, N, 2) * off + draw.normal(B, S, N, 2) * .3
    known, t = draw.below(5, B, 1, 1, 1) + 1, torch.arange(S, device=draw.device).view(1, S, 1, 1)
    last = start.gather(1, (known - 1).expand(-1, -1, N, 2))
    before = start.gather(1, (known - 2).clamp(min=0).expand(-1, -1, N, 2))
    velocity = (last - before) * (draw.chance(.2, B, 1, 1, 1) & (known > 1))
    start = torch.where(t < known, start, last + velocity * (t - known + 1))
    return torch.minimum(start.clamp(min=-60), draw.constant([width + 60., height + 60.]))


def recolour(draw, frames):
    """One change of colour for all frames of a clip, (B, T, 3, H, W) uint8: channel order, grey, negative."""
    B = len(frames)
    order = torch.argsort(draw.uniform(0, 1, B, 3), 1)
    u = draw.uniform(0, 1, B, 1, 1, 1, 1)
    mixed = frames.gather(2, order.view(B, 1, 3, 1, 1).expand_as(frames))
    grey = (frames.float().mean(2, keepdim=True)).to(torch.uint8).expand_as(frames)
    return torch.where(u < .25, mixed, torch.where(u < .37, grey, torch.where(u < .42, 255 - frames, frames)))


def erase(draw, frames, truth, visible):
    """Up to 4 boxes a frame of one colour or of another frame's pixels over frames (B, T, 3, H, W), but for the first; the
    points (B, T, P) under them become hidden. After Harley et al. 2022, who erase and replace boxes in every frame."""
    B, T, _, H, W = frames.shape
    other = frames.roll((draw.host.randint(1, T), draw.host.randint(H), draw.host.randint(W)), (1, 3, 4))
    x, y = torch.arange(W, device=frames.device), torch.arange(H, device=frames.device)[:, None]
    active = draw.chance(.6, B, T) & (torch.arange(T, device=frames.device) > 0)
    for _ in range(4):
        w, h = (draw.uniform(.03, .3, B, T) * size + 1 for size in (W, H))
        x0, y0 = draw.uniform(0, 1, B, T) * (W - w), draw.uniform(0, 1, B, T) * (H - h)
        x0, y0, x1, y1 = (v.floor()[..., None, None] for v in (x0, y0, x0 + w, y0 + h))
        this = (active & draw.chance(.6, B, T))[..., None, None]
        box = (this & (x >= x0) & (x < x1) & (y >= y0) & (y < y1))[:, :, None]
        colour = draw.below(256, B, T, 3, 1, 1).to(torch.uint8)
        frames = torch.where(box, torch.where(draw.chance(.5, B, T, 1, 1, 1), colour, other), frames)
        px, py = truth[..., 0], truth[..., 1]
        under = (px > x0[..., 0] - .5) & (px < x1[..., 0] - .5) & (py > y0[..., 0] - .5) & (py < y1[..., 0] - .5)
        visible = visible & ~(under & this[..., 0])
    return frames, visible


def cut(draw, clips, points, length):
    """A template frame and `length` frames of every clip, varied by reversal, flips and colour. Half are locked: the first window
    starts at the template's frame, at rest; the others start anywhere, from a disturbed estimate, with the template's frame lit
    differently. A list: frames (B, 1 + length, 3, H, W) uint8, query (B, N, 2), start (B, 8, N, 2), truth (B, length, N, 2),
    visible (B, length, N) float32, locked (B, N) bool."""
    B, T, _, H, W = clips.frames.shape
    dev, clip = draw.device, torch.arange(B, device=draw.device)[:, None]
    ids = draw.below(T - length + 1, B, 1) + torch.arange(length, device=dev)
    ids = torch.where(draw.chance(.5, B, 1), ids.flip(1), ids)
    locked = draw.chance(.5, B)
    a = torch.where(locked, ids[:, 0], draw.below(T, B))
    xy = candidates(draw, clips.owner, a, max(160, 2 * points))
    truth, visible = (v.gather(1, ids.view(B, -1, 1, *(1,) * (v.dim() - 3)).expand(-1, -1, *v.shape[2:])) for v in clips.tracks(a, xy))
    moved = (truth - truth[:, :1]).abs().amax((1, 3)).clamp(max=40)
    far = (truth.abs().amax((1, 3)) > 1000) * 1e3
    k = (moved + 10 * (~visible).any(1) + draw.uniform(0, 25, *moved.shape) - far).topk(points, 1).indices
    query = xy.gather(1, k[..., None].expand(-1, -1, 2))
    truth = truth.gather(2, k[:, None, :, None].expand(-1, length, -1, 2))
    visible = visible.gather(2, k[:, None].expand(-1, length, -1))
    frames = recolour(draw, clips.frames[clip, torch.cat([a[:, None], ids], 1)])
    for axis, extent, share in ((0, W, .5), (1, H, .3)):
        flip = draw.chance(share, B)
        frames = torch.where(flip.view(B, 1, 1, 1, 1), frames.flip(4 - axis), frames)
        query[..., axis] = torch.where(flip[:, None], extent - 1 - query[..., axis], query[..., axis])
        truth[..., axis] = torch.where(flip.view(B, 1, 1), extent - 1 - truth[..., axis], truth[..., axis])
    if draw.host.rand() < .3:
        erased, visible = erase(draw, frames[:, 1:], truth, visible)
        frames = torch.cat([frames[:, :1], erased], 1)
    start = torch.where(locked.view(B, 1, 1, 1), query[:, None], disturbed(draw, truth[:, :WINDOW], H, W))
    light = 1 + draw.normal(B, 1, 1, 1) * .15 + draw.normal(B, 3, 1, 1) * .06
    lit = (frames[:, 0] * light + draw.normal(B, 1, 1, 1) * 8).clamp(0, 255).to(torch.uint8)
    frames = torch.cat([torch.where(locked.view(B, 1, 1, 1), frames[:, 0], lit)[:, None], frames[:, 1:]], 1)
    return [frames, query, start, truth, visible.float(), locked[:, None].expand(-1, points)]


class RenderedGroups:
    """Groups first to last - 1: `cuts` batches each from as many clips as config's `batch` says for the size, as lists of (hop, batch)."""

    def __init__(self, config, first, last):
        self.config, self.first, self.last = config, first, last
        self.sources = Sources(config['device'], False, config.get('pictures'))
        self.bank, self.bank_of = None, None

    def textures(self, g):
        """The bank of group g: a new one every `bank_groups` groups, which follows from the seed and g alone."""
        c = self.config
        if self.bank_of != g // c['bank_groups']:
            self.bank_of = g // c['bank_groups']
            self.bank = make_bank(Draw([c['seed'], self.bank_of, 1], c['device']), self.sources, c['bank'], c['texture'])
        return self.bank

    @torch.no_grad()
    def group(self, g):
        c, draw = at(self.config, g * self.config['cuts']), Draw([self.config['seed'], g], self.config['device'])
        host = draw.host
        size = host.choice(len(c['sizes']), p=c['size_shares'])
        (height, width), batch = c['sizes'][size], c['batch'][size]
        hop = int(host.choice(c['hops'], p=c['hop_shares']))
        windows = int(host.choice(c['windows'][str(hop)]))
        length = WINDOW + (windows - 1) * hop
        frames = max(length, int(host.choice([length + 4, length + 12, 48])))
        clips = Clips(draw, self.textures(g), batch, frames, height, width, c['fastest'])
        return [(hop, cut(draw, clips, c['points'], length)) for _ in range(c['cuts'])]

    def __iter__(self):
        return (self.group(g) for g in range(self.first, self.last))
