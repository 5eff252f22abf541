import os

import numpy as np
import pytest

from mote_train import lost_clips, lost_metrics
from mote_train.heldout import clips


def column(text):
    """'v' visible, '.' hidden -> (T, 1) bool."""
    return np.array([[c == 'v'] for c in text])


def test_events_are_hidings_that_end_in_eight_visible_frames():
    visible = column('.vv...vvvvvvvv....vv.vvvvvvvvv' + '.' * 20 + 'v' * 7)
    assert lost_metrics.events(visible, np.array([[1, 0, 0]])).tolist() == [[0, 6, 3], [0, 21, 1]]
    assert lost_metrics.events(visible, np.array([[7, 0, 0]])).tolist() == [[0, 21, 1]]
    assert lost_metrics.classes(np.array([2, 3, 7, 8, 12, 24, 25, 48, 96, 97])).tolist() == [-1, 0, 0, -1, 1, 1, -1, 2, 2, -1]


def test_found_within_four_frames_near_and_called_visible():
    visible = column('vvv....' + 'v' * 9)
    queries = np.array([[0, 0, 0]], np.float32)
    far, called = np.full(visible.shape, 50.), np.zeros(visible.shape, bool)

    def counts(near_at, called_at):
        d, c = far.copy(), called.copy()
        d[near_at], c[called_at] = 7.9, True
        return [x.tolist() for x in lost_metrics.clip_counts(d, c, visible, queries)]
    assert counts([10], [10]) == [[[1, 1, 0], [0, 0, 0], [0, 0, 0]], [0, 4]]
    assert counts([11], [11])[0][0] == [1, 0, 0]  # a frame late
    assert counts([14], [14])[0][0] == [1, 0, 1]  # kept, though not found in time
    assert counts([10], [9])[0][0] == [1, 0, 0]  # never both at once
    assert counts([6], [6]) == [[[1, 0, 0], [0, 0, 0], [0, 0, 0]], [1, 4]]  # hidden still
    s = lost_metrics.scores([(far * np.nan, called | True, visible, queries)])
    assert s['found_3_7'] == 0 and s['falsely_visible'] == 100 and s['aj_rd'] == 0 and np.isnan(s['found_12_24'])


def test_redetection_counts_longer_hidings_only():
    visible = column('v..vv.vvv....vv')
    queries, distance = np.array([[0, 0, 0]], np.float32), np.full(visible.shape, 1.)
    called = visible.copy()
    called[9], called[14] = True, False
    rows = lost_metrics.redetections(distance, called, visible, queries)
    assert rows[:, 0].tolist() == [2, 4]  # the hiding of one frame in between is shorter
    assert rows[0, 1:] == pytest.approx([6 / 8] * 5) and rows[1, 1:] == pytest.approx([1 / 2] * 5)
    assert lost_metrics.scores([(distance, called, visible, queries)])['aj_rd'] == pytest.approx(100 * np.mean([(6 / 8 + 1 / 2) / 2, 1 / 2]))


def test_the_set_is_as_its_readme_says(root):
    lengths, moved = [], []
    for _, frames, truth in clips(os.path.join(root, 'weights', 'heldout-lost')):
        assert frames.shape == (lost_clips.FRAMES, lost_clips.HEIGHT, lost_clips.WIDTH, 3) and len(truth['queries']) == lost_clips.POINTS
        q = truth['queries'][:, 0].astype(int)
        n = np.arange(len(q))
        assert all(truth['visible'][q + i, n].all() for i in range(8))
        assert np.allclose(truth['tracks'][q, n], truth['queries'][:, 1:], atol=1e-3)
        found = lost_metrics.events(truth['visible'] > 0, truth['queries'])
        lengths.append(lost_metrics.classes(found[:, 2]))
        moved.append(np.linalg.norm(truth['tracks'][found[:, 1], found[:, 0]] - truth['tracks'][found[:, 1] - found[:, 2] - 1, found[:, 0]], axis=1))
    lengths, moved = np.concatenate(lengths), np.concatenate(moved)
    assert [(lengths == k).sum() for k in range(3)] == [174, 124, 142]
    assert all(np.median(moved[lengths == k]) > 15 for k in (1, 2))
