"""The published PIPs (Harley et al., ECCV 2022) in PyTorch, written anew: what Mote's latency is measured beside.

Names and shapes of the parameters are the published checkpoint's; tests/golden/README.md lists what a faithful
implementation must keep. As published, each iteration multiplies the points' features with whole feature maps at four
levels, (S, N, h, w) values a level, and samples 7x7 of them around each point.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

WINDOW, LATENT, LEVELS, RADIUS = 8, 128, 4, 3
WIDTH, DEPTH, EXPANSION, FREQUENCIES = 512, 12, 4, 64


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.norm = nn.InstanceNorm2d(outputs)  # without parameters, so that one serves all
        self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride)) if stride > 1 else None

    def forward(self, x):
        y = F.relu(self.norm(self.conv1(x)))
        y = F.relu(self.norm(self.conv2(y)))
        return F.relu((x if self.downsample is None else self.norm(self.downsample(x))) + y)


class Encoder(nn.Module):
    """(S, 3, H, W) in [-1, 1] -> (S, 128, H // stride, W // stride)."""

    def __init__(self, stride):
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3)
        before = 64
        for layer, (channels, step) in enumerate(((64, 1), (96, 2), (128, 2), (128, 2)), 1):
            blocks = nn.Sequential(Residual(before, channels, step), Residual(channels, channels, 1))
            setattr(self, f'layer{layer}', blocks)
            before = channels
        self.conv2 = nn.Conv2d(64 + 96 + 128 + 128, 2 * LATENT, 3, 1, 1)
        self.conv3 = nn.Conv2d(2 * LATENT, LATENT, 1)

    def forward(self, x):
        size = (x.shape[-2] // self.stride, x.shape[-1] // self.stride)
        x = F.relu(F.instance_norm(self.conv1(x)))
        stages = []
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            stages.append(F.interpolate(x, size, mode='bilinear', align_corners=True))
        return self.conv3(F.relu(F.instance_norm(self.conv2(torch.cat(stages, 1)))))


class Mix(nn.Module):
    """x + fn(norm(x)), fn over the frames or over the channels."""

    def __init__(self, over, layer):
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        hidden = over * EXPANSION
        self.fn = nn.Sequential(layer(over, hidden), nn.GELU(), nn.Identity(), layer(hidden, over))

    def forward(self, x):
        return x + self.fn(self.norm(x))


class Mean(nn.Module):
    def forward(self, x):
        return x.mean(1)


def mixer(inputs, outputs):
    def over_frames(size_in, size_out):
        return nn.Conv1d(size_in, size_out, 1)

    blocks = [nn.Sequential(Mix(WINDOW, over_frames), Mix(WIDTH, nn.Linear)) for _ in range(DEPTH)]
    return nn.Sequential(nn.Linear(inputs, WIDTH), *blocks, nn.LayerNorm(WIDTH), Mean(), nn.Linear(WIDTH, outputs))


def embedding(flow):
    """(M, S, 3) -> (M, S, 195): sines and cosines of each component in turn, then the components."""
    frequencies = torch.arange(0, FREQUENCIES, 2, device=flow.device, dtype=torch.float32) * (1000 / FREQUENCIES)
    angles = flow[..., None] * frequencies  # (M, S, 3, 32)
    return torch.cat([torch.stack([angles.sin(), angles.cos()], -1).flatten(2), flow], -1)


def bilinear(maps, at, padding):
    """maps (M, C, h, w), at (M, P, Q, 2) in map pixels -> (M, C, P, Q)."""
    h, w = maps.shape[-2:]
    scale = torch.tensor([2 / (w - 1), 2 / (h - 1)], device=at.device)
    return F.grid_sample(maps, at * scale - 1, align_corners=True, padding_mode=padding)


class Pips(nn.Module):
    """score_maps: also makes the maps that the published forward pass always makes (its loss and its pictures use them):
    per iteration all levels of the correlation brought to the finest and added."""

    def __init__(self, stride=4, score_maps=False):
        super().__init__()
        self.stride, self.score_maps = stride, score_maps
        self.fnet = Encoder(stride)
        inputs = LATENT + LEVELS * (2 * RADIUS + 1) ** 2 + 3 * FREQUENCIES + 3
        self.delta_block = nn.ModuleDict({'to_delta': mixer(inputs, WINDOW * (LATENT + 2))})
        self.norm = nn.GroupNorm(1, LATENT)
        self.ffeat_updater = nn.Sequential(nn.Linear(LATENT, LATENT), nn.GELU())
        self.vis_predictor = nn.Sequential(nn.Linear(LATENT, 1))
        d = torch.arange(-RADIUS, RADIUS + 1).float()
        # (dy, dx) row by row, added to (x, y): as published
        self.register_buffer('window', torch.stack(torch.meshgrid(d, d, indexing='ij'), -1), persistent=False)

    def forward(self, queries, frames, iterations):
        """queries (N, 2) pixels of frame 0, frames (8, 3, H, W) 0 to 255 -> (8, N, 2) pixels, (8, N) visibility logits."""
        maps = self.fnet(2 * (frames / 255) - 1)
        pyramid = [maps]
        for _ in range(LEVELS - 1):
            pyramid.append(F.avg_pool2d(pyramid[-1], 2))
        start = queries / self.stride
        n = len(start)
        coords = start.expand(WINDOW, n, 2)
        feature = bilinear(maps[:1], start[None, None], 'border')[0, :, 0].T  # (N, C)
        features = feature.expand(WINDOW, n, LATENT)
        times = torch.linspace(0, WINDOW, WINDOW, device=queries.device)[None, :, None].expand(n, WINDOW, 1)
        scores = []
        for _ in range(iterations):
            volumes = [torch.matmul(features, level.flatten(2)).unflatten(2, level.shape[-2:]) / LATENT ** .5
                       for level in pyramid]  # (S, N, h, w) each
            if self.score_maps:
                scores.append(sum(
                    F.interpolate(v.float(), maps.shape[-2:], mode='bilinear', align_corners=True) for v in volumes))
            correlation = torch.cat([self.look(v, coords / 2 ** level) for level, v in enumerate(volumes)], -1)
            flow = torch.cat([(coords - coords[:1]).transpose(0, 1), times], -1)
            rows = torch.cat([features.transpose(0, 1), correlation.transpose(0, 1), embedding(flow)], -1)
            delta = self.delta_block['to_delta'](rows).unflatten(1, (WINDOW, LATENT + 2)).float()
            update = self.ffeat_updater(self.norm(delta[..., 2:].flatten(0, 1))).unflatten(0, (n, WINDOW))
            features = features + update.transpose(0, 1)
            coords = coords + delta[..., :2].transpose(0, 1)
            coords = torch.cat([start[None], coords[1:]])  # frame 0 is the query's
        if scores:
            torch.stack(scores)
        return coords * self.stride, self.vis_predictor(features)[..., 0]

    def look(self, volume, coords):
        """volume (S, N, h, w), coords (S, N, 2) -> (S, N, 49), zeros outside."""
        at = coords.flatten(0, 1)[:, None, None] + self.window
        return bilinear(volume.flatten(0, 1)[:, None].float(), at, 'zeros').reshape(*coords.shape[:2], -1)
