"""How well lost points are found again; definitions in ../../heldout-lost/README.md. Numpy only."""
import numpy as np

from .metrics import THRESHOLDS

CLASSES = ((3, 7), (12, 24), (48, 96))  # hidden frames: about 4, 16 and 64
STEADY = 8  # frames that a point must stay visible for its return to count
SOON, NEAR = 4, 8  # found within this many frames of the return, closer than this many raster pixels
DELAYS = (1, 4, 16, 64, 256)  # shortest hidings of AJ_RD


def events(visible, queries):
    """visible (T, P) bool, queries (P, 3) -> (E, 3) int: point, frame of the return, hidden frames before it.

    A hiding that begins after the point's query and ends in at least STEADY visible frames.
    """
    out = []
    for n, q in enumerate(queries[:, 0].astype(int)):
        run = 0
        for t in range(q, len(visible)):
            if visible[t, n]:
                if run and visible[t:t + STEADY, n].sum() == STEADY:
                    out.append((n, t, run))
                run = 0
            else:
                run += 1
    return np.array(out, int).reshape(-1, 3)


def classes(hidden):
    """Numbers of hidden frames -> the place in CLASSES, -1 where between them."""
    out = np.full(np.shape(hidden), -1)
    for k, (low, high) in enumerate(CLASSES):
        out[(hidden >= low) & (hidden <= high)] = k
    return out


def clip_counts(distance, called, visible, queries):
    """One clip. distance (T, P) raster pixels, called (T, P) bool: called visible, visible (T, P) bool, queries (P, 3).

    -> hits: per class (events, found, kept); falsely: (hidden frames called visible, hidden frames), after the queries.
    A distance that is NaN is a miss.
    """
    hit = called & (distance < NEAR)
    n, t, hidden = events(visible, queries).T
    of = classes(hidden)
    found = np.array([hit[a:a + SOON, p].any() for p, a in zip(n, t)], bool)
    kept = hit[t + STEADY - 1, n]
    unseen = (np.arange(len(distance))[:, None] > queries[None, :, 0]) & ~visible
    return (np.array([[(of == k).sum(), found[of == k].sum(), kept[of == k].sum()] for k in range(len(CLASSES))]),
            np.array([called[unseen].sum(), unseen.sum()]))


def redetections(distance, called, visible, queries):
    """One clip's part of AJ_RD (TAPNext++). -> (E, 1 + thresholds): hidden frames before the event, its Jaccard per threshold.

    An event: a point becomes visible after more hidden frames than before any earlier event of its; it is scored on all frames
    from there to the end: hits / (visible frames + frames that are called visible and are no hit), a hit being visible, called
    visible and not farther than the threshold.
    """
    out = []
    for p, q in enumerate(queries[:, 0].astype(int)):
        run = longest = 0
        for t in range(q, len(visible)):
            if visible[t, p] and run > longest:
                longest = run
                d, v, c = distance[t:, p], visible[t:, p], called[t:, p]
                hits = np.array([(c & v & (d <= near)).sum() for near in THRESHOLDS])
                out.append(np.concatenate([[run], hits / (v.sum() + c.sum() - hits)]))
            run = 0 if visible[t, p] else run + 1
    return np.array(out).reshape(-1, 1 + len(THRESHOLDS))


def scores(clips):
    """clips: one (distance, called, visible, queries) each. -> percentages by name, all pooled over the clips."""
    counts, falsely = zip(*(clip_counts(*c) for c in clips))
    counts, falsely = np.sum(counts, 0), np.sum(falsely, 0)
    out = {}
    for (low, high), (events_, found, kept) in zip(CLASSES, counts):
        out[f'found_{low}_{high}'], out[f'kept_{low}_{high}'] = (100 * x / events_ if events_ else float('nan') for x in (found, kept))
    again = np.concatenate([redetections(*c) for c in clips])
    by_delay = [again[again[:, 0] >= d, 1:].mean() for d in DELAYS if (again[:, 0] >= d).any()]
    return dict(out, falsely_visible=100 * falsely[0] / falsely[1] if falsely[1] else float('nan'),
                aj_rd=100 * float(np.mean(by_delay)) if by_delay else float('nan'))
