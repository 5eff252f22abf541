"""Losses of one window."""
import torch
import torch.nn.functional as F

CONFIDENCE_PX = 12  # the second logit: is the error under this many pixels?
FARTHEST = 600  # pixels: a true place beyond this is not asked for


def sequence_loss(out, truth, visible):
    """L1 over iterations with weight .8^k from the last (hidden points at .2), and cross entropy of both logits.

    out: refine's result; truth (B, S, N, 2) pixels, visible (B, S, N) 0 or 1.
    """
    usable = (truth.abs().amax(-1) < FARTHEST).float()
    weight, total, norm = torch.where(visible > .5, 1., .2) * usable, 0, 0
    for i, (xy, logits) in enumerate(out):
        distance = (xy - truth).abs().sum(-1).clamp(max=80)
        close = ((xy - truth).norm(dim=-1).detach() < CONFIDENCE_PX).float()
        gamma = .8 ** (len(out) - 1 - i)
        norm += gamma
        total = total + gamma * ((distance * weight).sum() / weight.sum().clamp(min=1) / 6
                                 + .5 * F.binary_cross_entropy_with_logits(logits[..., 0], visible)
                                 + .3 * F.binary_cross_entropy_with_logits(logits[..., 1], close))
    return total / norm


def matching_loss(model, centre, maps, truth, visible):
    """The centre template, matched against the whole map of each frame, must peak at the truth.

    centre (B, N, C); maps (B*S, C, h, w); truth (B, S, N, 2), visible (B, S, N).
    """
    B, S, N = visible.shape
    C, h, w = maps.shape[1:]
    scores = torch.einsum('bnc,bschw->bsnhw', centre, maps.reshape(B, S, C, h, w)) * torch.exp(model.temp)
    at = ((truth - 1.5) / 4).round().long()
    inside = (visible > .5) & (at >= 0).all(-1) & (at[..., 0] < w) & (at[..., 1] < h)
    target = at[..., 1].clamp(0, h - 1) * w + at[..., 0].clamp(0, w - 1)
    entropy = F.cross_entropy(scores.reshape(-1, h * w).float(), target.reshape(-1), reduction='none').reshape(B, S, N)
    return (entropy * inside).sum() / inside.sum().clamp(min=1)
