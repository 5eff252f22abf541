"""Writes the files of this folder, and prints what TapVidTest expects of them, by numpy alone.

Run with Python 3 and numpy, Pillow: python make.py
"""
import io
import pathlib
import pickle

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).parent


def picture(t, height, width):
    """A smooth picture that moves by a pixel a frame along x."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    x = x + t
    return np.stack([128 + 100 * np.sin(x / 3 + c) * np.cos(y / (2 + c)) for c in range(3)], -1).astype(np.uint8)


def video(frames, height, width, points, seed):
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.2, 0.8, (points, 1, 2))
    steps = rng.uniform(-0.02, 0.02, (points, frames, 2)).cumsum(1)
    occluded = rng.uniform(size=(points, frames)) < 0.3
    occluded[-1] = True  # never seen: no query
    return {
        'video': np.stack([picture(t, height, width) for t in range(frames)]),
        'points': (start + steps).astype(np.float32),
        'occluded': occluded,
    }


def jpeg(frame):
    out = io.BytesIO()
    Image.fromarray(frame).save(out, 'JPEG', quality=95)
    return out.getvalue()


def queries(occluded, mode):
    points, frames = occluded.shape
    if mode == 'first':
        return [(n, int(np.argmin(occluded[n]))) for n in range(points) if not occluded[n].all()]
    return [(n, t) for t in range(0, frames, 5) for n in range(points) if not occluded[n, t]]


def scores(example, mode, predict):
    """TAP-Vid's metrics of one video: errors on a raster of 256x256."""
    truth = example['points'].astype(np.float64) * 256
    hit = {d: 0 for d in (1, 2, 4, 8, 16)}
    right, false = dict(hit), dict(hit)
    visible_count = judged_right = count = 0
    distances, survival = [], []
    for index, (n, q) in enumerate(queries(example['occluded'], mode)):
        alive, lives = True, []
        for t in range(truth.shape[1]):
            if t == q or (mode == 'first' and t < q):
                continue
            seen = not example['occluded'][n, t]
            xy, called = predict(truth[n, q], index, t, q)
            error = np.sqrt(((xy - truth[n, t]) ** 2).sum())
            count += 1
            visible_count += seen
            judged_right += seen == called
            if seen:
                distances.append(error)
            for d in hit:
                within = error < d
                hit[d] += seen and within
                right[d] += seen and within and called
                false[d] += called and not (seen and within)
            if t > q:
                alive = alive and not (seen and error >= 16)
                lives.append(alive)
        if lives:
            survival.append(np.mean(lives))
    return {
        'delta_avg_visible': 100 * np.mean([hit[d] / visible_count for d in hit]),
        'average_jaccard': 100 * np.mean([right[d] / (visible_count + false[d]) for d in hit]),
        'occlusion_accuracy': 100 * judged_right / count,
        'mean_px_visible': np.mean(distances),
        'median_px_visible': np.median(distances),
        'survival_16px_visible': 100 * np.mean(survival),
    }


def still(query, index, t, q):
    return query, True


def drifting(query, index, t, q):
    return query + np.array([0.75, -0.5]) * abs(t - q), (abs(t - q) + index) % 3 != 0


def main():
    davis = {'drift': video(12, 16, 20, 5, 1), 'other': video(9, 14, 12, 4, 2)}
    davis['other']['points'] = np.asfortranarray(davis['other']['points'])
    for protocol in (2, 3, 4, 5):
        (HERE / f'davis-{protocol}.pkl').write_bytes(pickle.dumps(davis, protocol))
    # Axes in another order again: what numpy 2.3 and newer write of it is of a third form.
    other = davis['other']
    swapped = [{**other, key: other[key].swapaxes(0, 1).copy().swapaxes(0, 1)} for key in ('points', 'occluded')]
    (HERE / 'swapped.pkl').write_bytes(pickle.dumps(swapped, 5))
    kinetics = []
    for form in (np.array, tuple, lambda frames: np.array(list(frames), object)):
        example = {key: value for key, value in davis['drift'].items()}
        example['video'] = form([jpeg(frame) for frame in example['video']])
        example['points'] = example['points'].astype(np.float64)
        kinetics.append(example)
    (HERE / 'kinetics.pkl').write_bytes(pickle.dumps(kinetics))
    np.savez(HERE / 'drift.npz', **davis['drift'])
    np.savez_compressed(HERE / 'drift-deflated.npz', **davis['drift'])
    print('picture sum', int(davis['drift']['video'].sum()), davis['drift']['video'][11, 3, 7])
    for mode in ('first', 'strided'):
        for predict in (still, drifting):
            each = [scores(example, mode, predict) for example in davis.values()]
            for metric in each[0]:
                value = np.mean([one[metric] for one in each])
                print(f'{mode}, {predict.__name__}, {metric}, {value:.6f}')


main()
