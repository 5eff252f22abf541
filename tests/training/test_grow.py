import numpy as np
import pytest
import torch

from mote_train import variants
from mote_train.grow import grow
from mote_train.model import Tracker
from mote_train.tracking import encode_video, track

SIZES = dict(C=16, D=32, depth=1, corr=8, channels=(8, 8, 16, 16))


def given():
    torch.manual_seed(3)
    model = Tracker(**SIZES).eval()
    torch.nn.init.normal_(model.head.weight, std=.01)  # so that points move and logits differ
    frames = (torch.rand(24, 40, 56, 3) * 255).to(torch.uint8)
    queries = torch.tensor([[0, 10, 12], [0, 40.5, 30], [3, 22, 8.25]])
    return model, frames, queries


def larger(model, kind=Tracker, **sizes):
    torch.manual_seed(4)
    return grow(model.shipped(), kind(**{**SIZES, **sizes}).eval())


@pytest.mark.parametrize('sizes', [{}, {'depth': 3}, {'support': 2}, {'channels': (16, 8, 24, 32)},
                                   {'depth': 2, 'support': 2, 'channels': (16, 16, 24, 16)}])
def test_a_grown_model_computes_the_same_and_can_learn_more(sizes):
    model, frames, queries = given()
    grown = larger(model, **sizes)
    for a, b in zip(track(model, frames, queries), track(grown, frames, queries)):
        assert (a - b).abs().max() < 1e-5
    assert (track(model, frames, queries)[0] - queries[:, 1:]).abs().max() > .5  # not because nothing moves
    pyramid = encode_video(grown, frames[:8])
    template = grown.template(pyramid, torch.tensor([0]), queries[None, :2, 1:])
    start = queries[None, None, :2, 1:].expand(1, 8, -1, -1)
    sum(xy.square().sum() + logits.sum() for xy, logits in grown.refine(pyramid, torch.arange(8)[None], template, start, 2, torch.zeros(1, 2) > 0)).backward()
    old = dict(model.named_parameters())
    for name, p in grown.named_parameters():
        if name not in old or old[name].shape != p.shape:
            where = torch.ones_like(p, dtype=torch.bool)
            if name in old and name.startswith('enc.'):
                where[tuple(slice(n) for n in old[name].shape)] = False
            if name.split('.')[-2:] in (['t2', 'weight'], ['f2', 'weight']) or name in ('enc.p1.weight', 'enc.p4.weight', 'cl.0.weight'):
                assert p.grad[where].abs().max() > 0, name


def test_two_templates_compute_the_same_and_the_second_is_renewed():
    model, frames, queries = given()
    grown = larger(model, variants.TwoTemplates)
    wanted, logits = track(model, frames, queries)
    got, visibility = variants.track(grown, frames.numpy(), queries.numpy(), 3, 4)
    assert np.abs(got - wanted.numpy()).max() < 1e-5 and np.abs(visibility - torch.sigmoid(logits[..., 0]).numpy())[4:].max() < 1e-5
    pyramid = encode_video(grown, frames[:8])
    template = grown.template(pyramid, torch.tensor([0]), queries[None, :2, 1:])
    xy = torch.rand(1, 8, 2, 2) * 30 + 5
    logits = torch.full((1, 8, 2, 2), -9.)
    logits[0, [2, 5], 0] = 9
    for l, (before, after) in enumerate(zip(template, grown.renewed(pyramid, torch.arange(8)[None], template, xy, logits))):
        assert torch.equal(before[:, :, :9], after[:, :, :9]) and torch.equal(before[0, 1], after[0, 1])
        assert torch.allclose(after[0, 0, 9:], Tracker.template(grown, pyramid, torch.tensor([5]), xy[:, 5, :1])[l][0, 0])


def test_a_window_of_16_is_two_of_8():
    model, frames, queries = given()
    grown = larger(model, variants.LongWindow, S=16)
    pyramid = encode_video(model, frames[:16])
    xy = queries[None, :2, 1:]
    template, ids, start = model.template(pyramid, torch.tensor([0]), xy), torch.arange(16)[None], xy[:, None].repeat(1, 16, 1, 1)
    start[:, 8:] += 3
    locked = torch.tensor([[True, False]])
    long = grown.refine(pyramid, ids, template, start, 3, locked)
    first = model.refine(pyramid, ids[:, :8], template, start[:, :8], 3, locked)
    second = model.refine(pyramid, ids[:, 8:], template, start[:, 8:], 3, locked & False)
    for a, b, c in zip(long, first, second):
        assert all((x - torch.cat([y, z], 1)).abs().max() < 1e-5 for x, y, z in zip(a, b, c))


def test_the_ablations_unrolling_is_the_trackers():
    model, frames, queries = given()
    for length in (24, 23, 9, 8, 5):
        wanted, logits = track(model, frames[:length], queries)
        got, visibility = variants.track(model, frames[:length].numpy(), queries.numpy(), 3, 4)
        assert np.allclose(got, wanted.numpy(), atol=1e-6)
        after = np.arange(length)[:, None] >= queries[:, 0].numpy()
        assert np.allclose(visibility[after], torch.sigmoid(logits[..., 0]).numpy()[after], atol=1e-6)


def test_what_cannot_grow_is_refused():
    model = given()[0]
    for sizes, told in (({'D': 64}, 'D=32 to 64; keep C, D, levels'), ({'channels': (8, 8, 8, 16)}, r'channels=\(8, 8, 16, 16\) to \(8, 8, 8, 16\);'),
                        ({'S': 12}, 'S=8 to 12;'), ({'support': 0}, 'support=1 to 0;')):
        with pytest.raises(ValueError, match='model cannot be grown to these sizes: ' + told):
            larger(model, **sizes)
