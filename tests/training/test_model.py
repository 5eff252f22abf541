import torch
import torch.nn.functional as F

from mote_train.losses import sequence_loss
from mote_train.model import CENTRE, SCALE, STRIDE, Tracker
from mote_train.tracking import WINDOW, next_start, spans, stream, track, unroll


def small():
    torch.manual_seed(0)
    return Tracker(C=16, D=32, depth=1, corr=8, channels=(8, 8, 16, 16)).eval().double()


def test_correlation_is_that_of_the_whole_volume():
    """On demand at integer positions = all products, then bilinear sampling with zeros outside."""
    model, B, S, N = small(), 2, 8, 5
    maps = F.normalize(torch.randn(B * S, 16, 13, 17, dtype=torch.float64), dim=1)
    pyramid, frames = model.pyramid(maps), torch.arange(B * S).reshape(B, S)
    template = model.template(pyramid, frames[:, 0], torch.rand(B, N, 2, dtype=torch.float64) * 50)
    co = torch.rand(B, S, N, 2, dtype=torch.float64) * 30 - 6  # inside, across the border and outside
    for level, p in enumerate(pyramid.maps):
        h, w = p.shape[-2:]
        volume = torch.einsum('bntc,bschw->bsnthw', template[level], p.reshape(B, S, 16, h, w)).reshape(B * S * N, 9, h, w) * SCALE
        at = model.at_level(co, level).reshape(-1, 1, 2) + model.delta
        grid = torch.stack([2 * at[..., 0] / (w - 1) - 1, 2 * at[..., 1] / (h - 1) - 1], -1)[:, None]
        wanted = F.grid_sample(volume, grid, align_corners=True).permute(0, 2, 3, 1).reshape(B, S, N, -1)
        assert torch.allclose(model.correlate(pyramid, frames, template[level], co, level), wanted, atol=1e-12)


def test_feature_map_sizes_are_rounded_up():
    assert small().encode(torch.zeros(1, 3, 37, 50, dtype=torch.uint8)).shape == (1, 16, 10, 13)


def test_locked_frame_stays_and_the_others_move():
    model = small()
    torch.nn.init.normal_(model.head.weight)
    pyramid = model.pyramid(F.normalize(torch.randn(8, 16, 12, 16, dtype=torch.float64), dim=1))
    xy = torch.tensor([[[20., 10.], [40., 30.]]], dtype=torch.float64)
    template = model.template(pyramid, torch.tensor([0]), xy)
    start = xy[:, None].repeat(1, 8, 1, 1)
    out, _ = model.refine(pyramid, torch.arange(8)[None], template, start, 2, torch.tensor([[True, False]]))[-1]
    moved = (out - start).abs().amax(-1)[0] > 1e-9
    assert not moved[0, 0] and moved[0, 1] and moved[1:].all()


def test_windows_of_a_video():
    """Starts at q, q + hop, ...; the last known estimate, then rest; locked only on the query's frame; the last frame repeated."""
    calls = []

    class Spy(Tracker):
        def refine(self, pyramid, frames, template, start, iterations, locked):
            calls.append((frames[0].tolist(), start[0, :, 0, 0].tolist(), locked.tolist()))
            step = torch.arange(1., 9)[None, :, None, None] * 10 * len(calls)
            return [(start * 0 + step, torch.zeros_like(start))]
    model = Spy().eval()
    frames = torch.zeros(14, 32, 32, 3, dtype=torch.uint8)
    tracks, _ = track(model, frames, torch.tensor([[2., 5., 6.]]), hop=4)
    assert [c[0][0] for c in calls] == [2, 6] and calls[1][0] == [6, 7, 8, 9, 10, 11, 12, 13]
    assert [c[2] for c in calls] == [[[True]], [[False]]]
    assert calls[0][1] == [5] * 8 and calls[1][1] == [50, 60, 70, 80, 80, 80, 80, 80]
    assert tracks[:, 0, 0].tolist() == [5, 5, 10, 20, 30, 40, 20, 40, 60, 80, 100, 120, 140, 160]
    calls.clear()
    track(model, frames[:12], torch.tensor([[2., 5., 6.]]), hop=4)
    assert calls[1][0] == [6, 7, 8, 9, 10, 11, 11, 11]


def test_a_live_window_starts_half_a_step_further_on():
    begun = []

    class Spy(Tracker):
        def refine(self, pyramid, frames, template, start, iterations, locked):
            begun.append(start[0, :, 0].tolist())
            return [(start * 0 + frames[..., None, None] ** 2 * torch.tensor([1, -2]), torch.zeros_like(start))]
    model, frames = Spy().eval(), torch.zeros(12, 32, 32, 3, dtype=torch.uint8)
    stream(model, frames, torch.tensor([[1., 5., 6.]]), carried=False)
    assert begun[0] == [[5, 6]] * 8  # the query's own frame is all that is known
    assert begun[1] == [[1, -2], [4, -8]] + [[4 + .5 * (4 - 1), -8 - .5 * (8 - 2)]] * 6  # frame 3 is new, and stands for those after it
    assert begun[-1] == [[t * t, -2 * t * t] for t in range(4, 11)] + [[100 + .5 * (100 - 81), -200 - .5 * (200 - 162)]]
    trained, _ = begun[:], begun.clear()
    start = torch.tensor([5., 6]).expand(1, WINDOW, 1, 2)
    list(unroll(model, None, torch.arange(1, 12)[None], None, start, torch.tensor([[True]]), spans(1, 4, young=True), 1))
    assert begun == trained


def test_next_start():
    estimate = torch.arange(8.).reshape(1, 8, 1, 1).expand(1, 8, 1, 2)
    assert next_start(estimate, 6)[0, :, 0, 0].tolist() == [6, 7, 7, 7, 7, 7, 7, 7]


def test_hidden_points_weigh_a_fifth_and_confidence_means_twelve_pixels():
    truth = torch.zeros(1, 2, 1, 2)
    xy = torch.tensor([[[[11., 0.]], [[13., 0.]]]])
    logits = torch.zeros(1, 2, 1, 2)
    sure = torch.stack([torch.zeros(1, 2, 1), torch.tensor([[[9.], [-9.]]])], -1)
    seen = torch.tensor([[[1.], [1.]]])
    base = sequence_loss([(xy, logits)], truth, seen)
    assert sequence_loss([(xy, sure)], truth, seen) < base - .2
    hidden = sequence_loss([(xy, logits)], truth, torch.tensor([[[1.], [0.]]]))
    assert torch.allclose(base - hidden, torch.tensor(12 / 6 - (11 + 13 * .2) / 1.2 / 6))


def test_positions_are_pixel_centres():
    assert (STRIDE, CENTRE) == (4, 1.5)
