"""Training on whole streams: its windows are the trackers' own, the encoder stays, and a run that was ended goes on as it would have."""
import json
import os
import signal

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mote_train import sight, streams
from mote_train.model import Tracker
from mote_train.tracking import encode_video, stream
from test_training import CONFIG

SMALL = dict(C=16, D=32, depth=1, levels=2, corr=8, frequencies=2, channels=(8, 8, 8, 16))
SHORT_SAMPLES = dict(CONFIG, steps=10, warmup=1, model=SMALL)


@pytest.fixture
def made(monkeypatch):
    """Clip i: a picture that moves, 20 frames, three points, one queried later, one hidden meanwhile."""
    def clip(folder, i):
        rng = np.random.RandomState(i)
        picture = np.kron(rng.randint(0, 255, (12, 16, 3)), np.ones((4, 4, 1))).astype(np.uint8)
        queries = np.array([[0, 20, 20], [0, 40, 30], [3, 30, 12]], np.float32)
        tracks = queries[None, :, 1:] + np.arange(20, dtype=np.float32)[:, None, None] * [1, 0] - queries[:, :1] * [1, 0]
        visible = np.ones((20, 3), bool)
        visible[5:9, 1] = False
        return np.stack([np.roll(picture, t, 1) for t in range(20)]), queries, tracks.astype(np.float32), visible
    monkeypatch.setattr(sight, 'clip', clip)
    monkeypatch.setattr(streams, 'SHORT', 2)
    return clip


@pytest.fixture
def weights(tmp_path):
    torch.manual_seed(1)
    path = str(tmp_path / 'start.safetensors')
    save_file({k: v.contiguous() for k, v in Tracker(**SMALL).shipped().items()}, path)
    return path


def test_live_windows_are_those_of_a_stream(made, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(streams, 'ITERATIONS', (2,))
    monkeypatch.setattr(streams, 'ASTRAY', 1e9)  # nothing is put back
    run = streams.StreamRun(SHORT_SAMPLES, weights)
    frames, queries, tracks, visible = made('', 0)
    data = streams.clip(run.model, str(tmp_path), 0)
    expected, _ = stream(run.model, torch.from_numpy(frames), torch.from_numpy(queries), 2, carried=False)
    seen = list(streams.windows(run.model, *data, np.random.RandomState(0)))
    assert len(seen) == 19
    for t, ((out, truth, shown), _) in enumerate(seen, 1):
        asked = torch.from_numpy(queries[:, 0]).long()
        n = torch.nonzero(asked < t)[:, 0]
        slot = t - torch.maximum(asked[n], torch.tensor(t - 7))
        row = torch.arange(len(n))
        torch.testing.assert_close(out[-1][0][row, slot, 0], expected[t, n], atol=1e-4, rtol=0)
        assert torch.equal(truth[row, slot, 0], torch.from_numpy(tracks)[t, n]) and torch.equal(shown[row, slot, 0] > 0, torch.from_numpy(visible)[t, n])


def test_a_point_that_stays_astray_is_put_back(made, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(streams, 'ASTRAY', -1)
    monkeypatch.setattr(streams, 'OFTEN', 1)
    monkeypatch.setattr(streams, 'ABOUT', 0)
    run, back = streams.StreamRun(SHORT_SAMPLES, weights), []
    monkeypatch.setattr(streams.Live, 'restart', lambda self, t, n, xy: back.append((t, n.tolist(), xy.tolist())))
    list(streams.windows(run.model, *streams.clip(run.model, str(tmp_path), 0), np.random.RandomState(0)))
    assert back[1] == (2, [], []) and back[2] == (3, [0, 1], [[23, 20], [43, 30]])
    assert back[5][1] == [0, 2]  # the second is hidden


def test_what_a_search_finds_elsewhere_is_not_the_point(made, weights, tmp_path, monkeypatch):
    run = streams.StreamRun(SHORT_SAMPLES, weights)
    pyramid, queries, truth, visible = streams.clip(run.model, str(tmp_path), 0)
    points, n = streams.Live(run.model, pyramid, queries, len(truth)), torch.tensor([0, 1, 2, 0, 1])
    off = torch.tensor([[5., 0], [0, 12], [-40, 0], [12.5, 0], [0, 0]])
    monkeypatch.setattr(streams.Live, 'look', lambda *_: (None, truth[6, n] + off, None, torch.tensor([.1, .1, .3, .1, .02])))
    out, there, shown = streams.searched(points, 6, n, truth[6, n], visible[6, n])
    assert len(out) == 1 and out[0][0].shape == there.shape == (1, 8, 4, 2)  # the last does not stand out
    assert (there[:, :, :2] == truth[6, :2]).all() and (there[:, :, 2:] == streams.NOWHERE).all()
    assert shown[0].T.tolist() == [[1] * 8, [0] * 8, [0] * 8, [0] * 8]  # the second is behind something
    loss = streams.sequence_loss(out, there, shown)
    loss.backward()
    assert torch.isfinite(loss) and all(torch.isfinite(p.grad).all() for p in run.model.parameters() if p.grad is not None)
    monkeypatch.setattr(streams.Live, 'look', lambda *_: (None, truth[6, n], None, torch.tensor([.02, .02, .02])))
    assert streams.searched(points, 6, n, truth[6, n], visible[6, n]) is None


def test_what_looks_hidden_is_searched_for_and_learnt_from(made, weights, tmp_path, monkeypatch):
    run, asked = streams.StreamRun(SHORT_SAMPLES, weights), []

    def searched(points, t, n, truth, visible, search=streams.searched):
        asked.append((t, n.tolist()))
        assert truth.shape == (len(n), 2) and visible.shape == (len(n),)
        return search(points, t, n, truth, visible)
    monkeypatch.setattr(streams, 'searched', searched)
    data = streams.clip(run.model, str(tmp_path), 0)
    monkeypatch.setattr(streams, 'SEEN', 0)
    asked.clear()
    assert all(found is None for _, found in streams.windows(run.model, *data, np.random.RandomState(0))) and not asked  # nothing looks so hidden
    monkeypatch.setattr(streams, 'SEEN', 1.1)
    pairs = list(streams.windows(run.model, *data, np.random.RandomState(0)))
    assert [n for _, n in asked] == [[0, 1]] * 3 + [[0, 1, 2]] * 16 and any(found for _, found in pairs)
    monkeypatch.setattr(streams, 'sequence_loss', lambda out, truth, visible: out[-1][1].square().mean() * (truth.shape[0] == 1))  # of searches alone
    before = {k: v.clone() for k, v in run.model.state_dict().items()}
    monkeypatch.setattr(run, 'advance', lambda hop, batch: torch.zeros(4))
    live, found, short = streams.follow(run, str(tmp_path), range(1))
    assert found > 0 == short and any(not torch.equal(v, before[k]) for k, v in run.model.state_dict().items())


def test_a_clips_maps_are_kept_for_their_encoder(made, weights, tmp_path):
    run = streams.StreamRun(SHORT_SAMPLES, weights)
    expected = encode_video(run.model, torch.from_numpy(made('', 0)[0])).maps[0]
    for _ in range(2):
        assert torch.equal(streams.clip(run.model, str(tmp_path), 0)[0].maps[0], expected)
    kept = sorted(tmp_path.glob('00.*.pt'))
    with torch.no_grad():
        run.model.enc.c1.weight += 1
    streams.clip(run.model, str(tmp_path), 0)
    assert len(kept) == 1 and len(list(tmp_path.glob('00.*.pt'))) == 2


def test_a_run_that_was_ended_goes_on_and_leaves_the_encoder(made, weights, tmp_path):
    whole = streams.train(SHORT_SAMPLES, str(tmp_path / 'a'), weights, str(tmp_path), range(3))
    streams.train(SHORT_SAMPLES, str(tmp_path / 'b'), weights, str(tmp_path), range(3), until=4)
    again = streams.train(SHORT_SAMPLES, str(tmp_path / 'b'), weights, str(tmp_path), range(3))
    assert whole.step == again.step >= 10
    assert all(torch.equal(v, again.ema[k]) for k, v in whole.ema.items())
    start, ema = load_file(weights), load_file(tmp_path / 'a' / 'ema.safetensors')
    changed = {k for k in start if not torch.equal(start[k], ema[k])}
    assert not [k for k in changed if k.startswith('enc.')] and {'head.weight', 'cl.0.weight', 'mix.0.f1.weight', 'temb'} <= changed
    with open(tmp_path / 'a' / 'log.jsonl') as f:
        rows = [json.loads(line) for line in f]
    assert [r['step'] for r in rows] == [5, 10] and all(set(r) == {'step', 'minutes', 'loss_streamed', 'loss_searched', 'loss_short'} for r in rows)


def test_sigterm_saves(made, weights, tmp_path, monkeypatch):
    def follow(run, folder, numbers):
        os.kill(os.getpid(), signal.SIGTERM)
        run.step += 1
        return 1., 1., 1.
    monkeypatch.setattr(streams, 'follow', follow)
    assert streams.train(SHORT_SAMPLES, str(tmp_path / 'a'), weights, str(tmp_path)).step == 1
    assert torch.load(tmp_path / 'a' / 'checkpoint.pt', weights_only=True)['step'] == 1
