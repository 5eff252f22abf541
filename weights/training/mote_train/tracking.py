"""From window to window: how a window starts, and whole videos."""
import torch

from .carry import FIRM, LiveCarrier, carry

WINDOW = 8
ITERATIONS, HOP = 3, 4  # offline; a fourth iteration gains nothing on the held-out clips
ONWARD = .5  # share of a point's last motion that a live window's newest frame starts further on; all of it overshoots


def next_start(estimate, hop):
    """estimate (B, 8, N, 2) of the window before -> start of the window `hop` frames later: the last estimate where it is
    known, then at rest."""
    return torch.cat([estimate[:, hop:], estimate[:, -1:].expand(-1, hop, -1, -1)], 1)


def onward(last, before):
    """last, before (..., 2): the estimates of the two frames before the newest one -> where a live window starts in the newest frame."""
    return last + ONWARD * (last - before)


def spans(hop, windows, young=False):
    """(first frame, last frame) of each window, in order. Frames behind the last are not there yet: it stands for them.
    young: a live stream's first frames come before the windows are full."""
    return [(0, t) for t in range(1, WINDOW - 1) if young] + [(b, b + WINDOW - 1) for b in range(0, windows * hop, hop)]


def unroll(model, pyramid, frames, template, start, locked, windows, iterations):
    """Overlapping windows over encoded frames: yields (places of its 8 frames, refine's result).

    frames (B, T) of the pyramid's; start (B, 8, N, 2) and locked (B, N) of the first window; windows as `spans` has them. A
    window starts from the last estimate where there is one, then at rest, or, where the window ends one frame
    later, as live ones do, `onward`.
    """
    estimate, known = start.new_zeros(len(start), frames.shape[1], *start.shape[2:]), None
    for first, last in windows:
        places = torch.arange(first, first + WINDOW, device=start.device).clamp(max=last)
        begin = start[:, places - first] if known is None else estimate[:, places.clamp(max=known)]
        if known is not None and last == known + 1:
            begin[:, last - first:] = onward(estimate[:, known], estimate[:, known - 1])[:, None]
        out = model.refine(pyramid, frames[:, places], template, begin, iterations, locked & (first == 0))
        estimate[:, first:last + 1], known = out[-1][0][:, :last - first + 1].detach(), last
        yield places, out


def encode_video(model, frames, batch=4):
    """frames (T, H, W, 3) uint8 tensor -> Pyramid. Each frame is encoded once."""
    return model.see(frames.permute(0, 3, 1, 2), batch)


@torch.no_grad()
def track(model, frames, queries, iterations=ITERATIONS, hop=HOP, pyramid=None, carried=True):
    """A whole video. frames (T, H, W, 3) uint8 tensor, queries (N, 3): frame, x, y.

    -> tracks (T, N, 2), logits (T, N, 2): visible, confident; before a point's query frame they hold the query and zeros.
    A point's windows start at q, q + hop, q + 2 hop, ...; a window starts from the last estimate where known, then at rest;
    frame 0 is locked only in the window that starts on the query frame; frames past the end repeat the last one; the last
    window is the first that reaches the last frame; later windows overwrite the overlap. Then neighbours carry hidden points, if `carried`.
    """
    T, N = len(frames), len(queries)
    pyramid = pyramid or encode_video(model, frames)
    kind = pyramid.maps[0].dtype
    queries = queries.to(kind)
    tracks, logits = queries[None, :, 1:].repeat(T, 1, 1), torch.zeros(T, N, 2, dtype=kind)
    for q in sorted(set(queries[:, 0].long().tolist())):
        n = torch.nonzero(queries[:, 0].long() == q)[:, 0]
        xy = queries[n, 1:]
        template = model.template(pyramid, torch.tensor([q]), xy[None])
        start, b = xy[None, None].repeat(1, WINDOW, 1, 1), q
        while True:
            ids = torch.arange(b, b + WINDOW).clamp(max=T - 1)[None]
            locked = torch.full((1, len(n)), b == q)
            xys, states = model.refine(pyramid, ids, template, start, iterations, locked)[-1]
            m = min(WINDOW, T - b)
            tracks[b:b + m, n], logits[b:b + m, n] = xys[0, :m], states[0, :m]
            if b + WINDOW >= T:
                break
            start, b = next_start(xys, hop), b + hop
    return carry(tracks, torch.sigmoid(logits[..., 0]), queries) if carried else tracks, logits


@torch.no_grad()
def stream(model, frames, queries, iterations=1, pyramid=None, carried=True):
    """The same live: every frame ends a window of its own and nothing looks ahead. Shapes as `track`.

    The window of frame t starts at t - 7, or at the query's frame q where that is later; frames that have not come yet repeat
    frame t. It starts from the last estimates and, in frame t, half a step `onward`; frame 0 is locked while it is the query's own.
    What is returned for frame t is this window's estimate of it, or, if `carried`, where neighbours carry a hidden point; no later window changes it.
    """
    T, N = len(frames), len(queries)
    pyramid = pyramid or encode_video(model, frames)
    kind = pyramid.maps[0].dtype
    queries = queries.to(kind)
    asked = queries[:, 0].long()
    tracks, logits = queries[None, :, 1:].repeat(T, 1, 1), torch.zeros(T, N, 2, dtype=kind)
    estimate, templates = tracks.clone(), [queries.new_zeros(1, N, model.sdel.shape[1], model.C) for _ in pyramid.maps]
    for q in asked.unique():
        n = torch.nonzero(asked == q)[:, 0]
        for all_points, these in zip(templates, model.template(pyramid, q[None], queries[n, 1:][None])):
            all_points[:, n] = these
    carrier = LiveCarrier(estimate, queries)
    for t in range(1, T):
        begins = asked.clamp(min=t - WINDOW + 1)
        for first in begins[asked < t].unique().tolist():
            n = torch.nonzero((begins == first) & (asked < t))[:, 0]
            places = torch.arange(first, first + WINDOW).clamp(max=t)
            start = estimate[places.clamp(max=t - 1)[:, None], n][None]
            start[:, t - first:] = onward(estimate[t - 1, n], estimate[t - 2, n])  # before it was asked for, a point lies at its query
            xys, states = model.refine(pyramid, places[None], [p[:, n] for p in templates], start, iterations, (asked[n] == first)[None])[-1]
            estimate[first:t + 1, n] = xys[0, :t - first + 1]
            logits[t, n] = states[0, t - first]
        tracks[t] = carrier.step(t, estimate, torch.sigmoid(logits[t, :, 0]) > FIRM, asked) if carried else estimate[t]
    return tracks, logits
