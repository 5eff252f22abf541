import os

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from mote_train import gates, lost, lost_clips, lost_metrics, sight
from mote_train.heldout import clips
from mote_train.model import Tracker
from mote_train.tracking import stream


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


def textured(seed, height, width):
    rng = np.random.RandomState(seed)
    return torch.nn.functional.interpolate(torch.from_numpy(rng.rand(1, 3, height // 4, width // 4).astype(np.float32)) * 255, (height, width),
                                           mode='bicubic').clamp(0, 255)[0].permute(1, 2, 0).to(torch.uint8)


def test_peaks_are_of_the_whole_map():
    score = torch.zeros(2, 9, 12)
    score[0, 3, 4], score[0, 3, 6], score[0, 7, 11] = .9, .8, .5  # .8 lies within the 5x5 pixels of .9
    score[1] = -.2
    best, value, second = lost.peaks(score)
    assert best[0].tolist() == [4 * 4 + 1.5, 3 * 4 + 1.5] and value[0] == pytest.approx(.9) and second[0] == pytest.approx(.5)
    assert best[1].tolist() == [1.5, 1.5] and second[1] == value[1]


def test_scores_are_the_mean_product_with_zeros_outside():
    torch.manual_seed(0)
    level, template = torch.randn(5, 6, 7), torch.randn(2, 9, 5)
    got = lost.scores(level, template)
    padded = torch.nn.functional.pad(level, (1, 1, 1, 1))
    for x, y in ((0, 0), (3, 2), (6, 5)):
        around = padded[:, y:y + 3, x:x + 3].permute(1, 2, 0).reshape(9, 5)
        assert torch.allclose(got[:, y, x], (template * around).sum((1, 2)) / 9, atol=1e-5)


def always(x):
    return torch.ones(len(x))


def never(x):
    return -torch.ones(len(x))


def test_without_finds_it_is_plain_streaming():
    torch.manual_seed(0)
    model = Tracker(C=16, D=32, depth=1, corr=8, channels=(8, 8, 16, 16)).eval()
    frames = torch.stack([textured(0, 64, 96).roll(2 * t, 1) for t in range(11)])
    queries = torch.tensor([[0, 30., 20.], [0, 60, 40], [4, 50, 30]])
    tracks, called = lost.stream_with_search(model, frames, queries, gates.Gates(always, never, never))
    assert torch.allclose(tracks, stream(model, frames, queries, carried=False)[0], atol=1e-3)
    assert called[0, :2].all() and called[4, 2] and not called[:4, 2].any()


def test_what_returns_elsewhere_is_found_and_followed():
    torch.manual_seed(1)
    model = Tracker(C=16, D=32, depth=1, corr=8, channels=(8, 8, 16, 16)).eval()
    picture, other = textured(1, 96, 128), textured(2, 96, 128)
    frames = torch.stack([picture] * 2 + [other] * 3 + [picture.roll(40, 1)] * 3)
    plain = gates.Gates(lambda x: x[:, 2] - .65, never, lambda x: x[:, 4] - .1)  # random weights: what they say says nothing
    tracks, called = lost.stream_with_search(model, frames, torch.tensor([[0, 41.5, 49.5]]), plain)
    assert called[:, 0].tolist() == [True] * 2 + [False] * 3 + [True] * 3
    assert (tracks[5:, 0] - torch.tensor([81.5, 49.5])).norm(dim=-1).max() < 8


@pytest.fixture
def quick(monkeypatch):
    """Fits that are short."""
    monkeypatch.setattr(sight, 'STEPS', 400)
    monkeypatch.setattr(sight, 'MEMBERS', 2)


def test_gates_are_warier_of_what_has_been_gone_for_long(quick):
    x = torch.randn(2000, 9).abs()
    gate, plain = (sight.fit(x, x[:, 0] > 1, 0, 0., wait) for wait in (8, None))
    assert torch.allclose(gate(x), plain(x) - sight.WARY * x[:, 8], atol=1e-4)


def test_gates_are_fitted_and_survive_their_file(tmp_path, quick):
    rng = np.random.RandomState(3)
    path = str(tmp_path / 'weights.safetensors')
    save_file({'a': torch.zeros(2)}, path, {'mote.arch': '{}'})
    with pytest.raises(SystemExit, match='weights have no mote.sight: path=.*; run python -m mote_train.sight'):
        gates.read(path)
    nets = []
    for inputs in gates.INPUTS.values():
        x = torch.from_numpy(rng.randn(3000, inputs).astype(np.float32)) * 3 + 2
        right = (x[:, 0] > 2) ^ (x[:, 1] > 2)  # no line parts them
        net = sight.fit(x, right, 0, 0.)
        assert ((net(x) > 0) == right).float().mean() > .9
        assert torch.allclose(sight.fit(x, right, 0, 1.)(x), net(x) - 1, atol=1e-4), 'surer by the shift'
        nets.append((net, x))
    gates.write(path, gates.Gates(*(net for net, _ in nets)))
    for gate, (net, x) in zip(vars(gates.read(path)).values(), nets):
        assert torch.allclose(gate(x), net(x), atol=1e-3)
    before = [net(x) for net, x in nets]
    sight.surer(gates.Gates(*(net for net, _ in nets)), (.8, -.1, 0))
    for (net, x), was, shift in zip(nets, before, (.8, -.1, 0)):
        assert torch.allclose(net(x), was - shift, atol=1e-4)
    with safe_open(path, 'pt') as f:
        assert f.metadata()['mote.arch'] == '{}' and f.keys() == ['a']
