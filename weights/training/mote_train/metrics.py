"""Scores of tracks against the truth; definitions in ../../heldout/README.md."""
import numpy as np

THRESHOLDS = (1, 2, 4, 8, 16)  # pixels of a 256x256 raster, as TAP-Vid counts them (Doersch et al. 2022)


def raster_distance(tracks, truth, height, width):
    """Distances (T, P) after both are scaled to a 256x256 raster."""
    return np.linalg.norm((tracks - truth) * [256 / width, 256 / height], axis=-1)


def scores(distance, visible, queries, visibility=None):
    """One clip. distance (T, P), visible (T, P) bool, queries (P, 3): only frames after a point's query count.

    -> figures by name. NaN distances count as misses and make the medians NaN.
    """
    after = np.arange(len(distance))[:, None] > queries[None, :, 0]
    out = {}
    for name, where in (('visible', after & visible), ('hidden', after & ~visible)):
        d = distance[where]
        out[f'delta_avg_{name}'] = 100 * np.mean([(d < t).mean() for t in THRESHOLDS])
        out[f'median_px_{name}'] = np.median(d)
        out[f'within_16px_{name}'] = 100 * (d < 16).mean()
    if visibility is not None:
        out['occlusion_accuracy'] = 100 * ((visibility > .5) == visible)[after].mean()
    return out


def hidings(visible, queries):
    """Lengths of the stretches of frames, after the query, in which a point is hidden."""
    lengths = []
    for p, q in enumerate(queries[:, 0].astype(int)):
        run = 0
        for seen in list(visible[q + 1:, p]) + [True]:
            if seen and run:
                lengths.append(run)
            run = 0 if seen else run + 1
    return np.array(lengths)
