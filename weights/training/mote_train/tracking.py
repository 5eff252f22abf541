"""From window to window: how a window starts, and whole videos."""
import torch

WINDOW = 8
ITERATIONS, HOP = 3, 4  # offline; a fourth iteration gains nothing on the held-out clips


def next_start(estimate, hop):
    """estimate (B, 8, N, 2) of the window before -> start of the window `hop` frames later: the last estimate where it is
    known, then at rest."""
    return torch.cat([estimate[:, hop:], estimate[:, -1:].expand(-1, hop, -1, -1)], 1)


def unroll(model, pyramid, frames, template, start, locked, hop, windows, iterations):
    """Overlapping windows over encoded frames: yields (place of its first frame, refine's result).

    frames (B, T) of the pyramid's, T = 8 + (windows - 1) * hop; start (B, 8, N, 2) and locked (B, N) of the first window.
    """
    for b in range(0, windows * hop, hop):
        out = model.refine(pyramid, frames[:, b:b + WINDOW], template, start, iterations, locked)
        yield b, out
        start, locked = next_start(out[-1][0].detach(), hop), torch.zeros_like(locked)


def encode_video(model, frames, batch=4):
    """frames (T, H, W, 3) uint8 tensor -> Pyramid. Each frame is encoded once."""
    pictures = frames.permute(0, 3, 1, 2)
    maps = torch.cat([model.encode(pictures[i:i + batch]) for i in range(0, len(frames), batch)])
    return model.pyramid(maps)


@torch.no_grad()
def track(model, frames, queries, iterations=ITERATIONS, hop=HOP, pyramid=None):
    """A whole video. frames (T, H, W, 3) uint8 tensor, queries (N, 3): frame, x, y.

    -> tracks (T, N, 2), logits (T, N, 2): visible, confident; before a point's query frame they hold the query and zeros.
    A point's windows start at q, q + hop, q + 2 hop, ...; a window starts from the last estimate where known, then at rest;
    frame 0 is locked only in the window that starts on the query frame; frames past the end repeat the last one; the last
    window is the first that reaches the last frame; later windows overwrite the overlap.
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
    return tracks, logits
