"""From scenes to pictures, owners and tracks."""
import torch
import torch.nn.functional as F

from .motion import inverse
from .scene import DENSITY


def maps_at(layer, frames, shift):
    """The layer's maps (B, T, 3, 3) `shift` of a frame, -1 to 1, after the frames (T,), in between by interpolation."""
    if not shift:
        return layer.maps[:, frames]
    other = (frames + (1 if shift > 0 else -1)).clamp(0, layer.maps.shape[1] - 1)
    return torch.lerp(layer.maps[:, frames], layer.maps[:, other], abs(shift))


def own_xy(layer, x, y, maps, t):
    """Picture coordinates x, y that broadcast with (B, T, ...) -> the layer's own pixels; maps (B, T, 3, 3); t as for Waves."""
    back = inverse(maps)
    lead = back.shape[:2] + (1,) * (x.dim() - 2)
    u, v = (back[..., i, 0].view(lead) * x + back[..., i, 1].view(lead) * y + back[..., i, 2].view(lead) for i in (0, 1))
    if layer.waves:
        dx, dy = layer.waves(u, v, t)
        u, v = u + dx, v + dy
    return u, v


def read(textures, x, y, padding):
    """textures (B, C, h, w) at x, y (B, T, H, W) in -1..1 -> (B, C, T, H, W)."""
    grid = torch.stack([x, y], -1).flatten(1, 2)
    return F.grid_sample(textures, grid, padding_mode=padding, align_corners=False).unflatten(2, x.shape[1:3])


class View:
    """The pixels of the frames (T,) of the maps, `shift` of a frame later."""

    def __init__(self, frames, height, width, shift=0.):
        self.frames, self.shift, self.t = frames, shift, (frames + shift)[None, :, None, None]
        axes = (torch.arange(n, device=frames.device).float() for n in (height, width))
        self.y, self.x = (v[None, None] for v in torch.meshgrid(*axes, indexing='ij'))

    def draw(self, layer, bank):
        """-> colour (B, 3, T, H, W), alpha (B, 1, T, H, W) or None: everywhere."""
        u, v = own_xy(layer, self.x, self.y, maps_at(layer, self.frames, self.shift), self.t)
        scale, offset = 2 * DENSITY / bank.shape[-1], (layer.offset * 2 - 1)[..., None, None, None]
        colour = read(bank[layer.texture], u * scale + offset[:, 0], v * scale + offset[:, 1], 'reflection')
        colour = colour * layer.gain[:, None, self.frames, None, None]
        if layer.alpha is None:
            return colour, None
        half = (layer.extent / 2)[:, None, None, None]
        return colour, read(layer.alpha, u / half, v / half, 'zeros')

    def shade(self, layer, picture):
        """Darkens the picture where the layer's shadow falls: its outline, moved."""
        dx, dy = (layer.shadow[:, self.frames, i, None, None] for i in (0, 1))
        u, v = own_xy(layer, self.x - dx, self.y - dy, maps_at(layer, self.frames, self.shift), self.t)
        half = (layer.extent / 2)[:, None, None, None]
        return picture * (1 - .45 * read(layer.alpha, u / half, v / half, 'zeros'))


def over(picture, owner, colour, alpha, index):
    """Lays colour over the picture; index, a number or (B, T, 1, 1) uint8, becomes the owner where alpha exceeds one half."""
    if alpha is None:
        return colour, torch.full_like(owner, index)
    return torch.lerp(picture, colour, alpha), torch.where(alpha[:, 0] > .5, index, owner)


def paint(scene, bank, height, width, only=None, shift=0.):
    """Pictures (B, 3, T, H, W) in 0..1 of all frames of the maps, and owner (B, T, H, W) uint8: the place of the topmost layer
    whose alpha exceeds one half. only: this layer alone, over black."""
    layers = scene.layers
    n, T = layers[0].maps.shape[:2]
    view = View(torch.arange(T, device=bank.device), height, width, shift)
    picture = bank.new_zeros(n, 3, T, height, width)
    owner = torch.zeros(n, T, height, width, dtype=torch.uint8, device=bank.device)
    if only is not None:
        return over(picture, owner, *view.draw(layers[only], bank), only)
    turns, skip = dict(scene.swaps), False
    for i, layer in enumerate(layers):
        if skip:
            skip = False
            continue
        if layer.shadow is not None:
            picture = view.shade(layer, picture)
        drawn = view.draw(layer, bank)
        if i not in turns:
            picture, owner = over(picture, owner, *drawn, i)
            continue
        turn, above, skip = turns[i][..., None, None], view.draw(layers[i + 1], bank), True
        for upper in (0, 1):  # where turn holds, the next layer comes first and this one over it
            colour, alpha = (torch.where((turn == (upper == 0))[:, None], b, a) for a, b in zip(drawn, above))
            picture, owner = over(picture, owner, colour, alpha, i + (turn == (upper == 0)).to(torch.uint8))
    return picture, owner


def exposed(scene, bank, height, width, shutter):
    """`paint`, with motion blur where shutter, the share of a frame that a picture is exposed before and after its moment, is not 0."""
    picture, owner = paint(scene, bank, height, width)
    if not shutter:
        return picture, owner
    others = (paint(scene, bank, height, width, shift=shutter * k / 2)[0] for k in (-2, -1, 1, 2))
    return sum(others, picture) / 5, owner


def tracks(scene, owner, query_frame, xy):
    """xy (B, P, 2) pixels of frame query_frame (B,) of the maps; owner (B, T, H, W) -> tracks (B, T, P, 2), visible (B, T, P) bool.

    A point belongs to the layer that owns its pixel, goes where that layer goes, hidden or not, and is visible where that layer
    owns the nearest pixel.
    """
    B, T, H, W = owner.shape
    clip, frames = torch.arange(B, device=owner.device)[:, None], torch.arange(T, device=owner.device)
    nearest = xy.round().long()
    own = owner[clip, query_frame[:, None], nearest[..., 1].clamp(0, H - 1), nearest[..., 0].clamp(0, W - 1)]
    way = torch.zeros(B, T, xy.shape[1], 2, device=xy.device)
    for i, layer in enumerate(scene.layers):
        to = torch.stack(project(layer, *(p[:, :, None] for p in own_points(layer, xy, query_frame)), frames[None, None]), -1)
        way = torch.where((own == i)[:, None, :, None], to.transpose(1, 2), way)
    r = way.clamp(-10, 10 + max(H, W)).round().long()
    inside = (r >= 0).all(-1) & (r[..., 0] < W) & (r[..., 1] < H)
    seen = owner[clip[..., None], frames[None, :, None], r[..., 1].clamp(0, H - 1), r[..., 0].clamp(0, W - 1)]
    return way, inside & (seen == own[:, None])


def own_points(layer, xy, query_frame):
    """xy (B, P, 2) in frame query_frame (B,) -> the layer's own pixels, two of (B, P)."""
    maps = layer.maps[torch.arange(len(xy), device=xy.device), query_frame][:, None]
    u, v = own_xy(layer, xy[:, None, :, 0], xy[:, None, :, 1], maps, query_frame[:, None, None])
    return u[:, 0], v[:, 0]


def project(layer, u, v, t):
    """Own pixels (B, P, 1) in the frames t (1, 1, T) of the maps -> picture coordinates, two of (B, P, T)."""
    x, y = u.expand(-1, -1, t.shape[-1]), v.expand(-1, -1, t.shape[-1])
    if layer.waves:
        for _ in range(16):
            dx, dy = layer.waves(x, y, t)
            x, y = u - dx, v - dy
    m = layer.maps[:, None]
    return m[..., 0, 0] * x + m[..., 0, 1] * y + m[..., 0, 2], m[..., 1, 0] * x + m[..., 1, 1] * y + m[..., 1, 2]
