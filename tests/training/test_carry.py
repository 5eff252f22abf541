"""Points that are hidden go with those that moved as they did. CarriedTracksTest has the same cases and numbers."""
import torch

from mote_train.carry import LiveCarrier, carry

FRAMES = 14


def surface(t, at, turn=0.):
    """Where the points at (N, 2) of a surface are in frame t: it goes (2, 1) a frame and turns about (40, 40)."""
    c, s = torch.cos(torch.tensor(turn * t)), torch.sin(torch.tensor(turn * t))
    v = at - 40
    return 40 + torch.stack([c * v[:, 0] - s * v[:, 1], s * v[:, 0] + c * v[:, 1]], -1) + t * torch.tensor([2., 1.])


GRID = torch.tensor([[40., 30.], [30., 30.], [50., 30.], [30., 44.], [50., 44.], [40., 50.]])


def given(points=GRID, turn=0., hidden_from=6):
    """Tracks where the model loses point 0: from then on it says that the point rests. Visibility, queries in frame 0."""
    tracks = torch.stack([surface(t, points, turn) for t in range(FRAMES)])
    visibility = torch.full(tracks.shape[:2], .9)
    tracks[hidden_from:, 0], visibility[hidden_from:, 0] = tracks[hidden_from - 1, 0].clone(), .2
    queries = torch.cat([torch.zeros(len(points), 1), points], 1)
    return tracks, visibility, queries


def test_it_goes_with_its_surface():
    tracks, visibility, queries = given()
    placed = carry(tracks, visibility, queries)
    assert torch.equal(placed[:6], tracks[:6]) and torch.equal(placed[:, 1:], tracks[:, 1:])
    assert torch.allclose(placed[13, 0], torch.tensor([65.9983, 42.9991]), atol=.002)
    assert (placed[13, 0] - surface(13, GRID)[0]).norm() < .01


def test_it_turns_with_its_surface():
    tracks, visibility, queries = given(turn=.05)
    placed = carry(tracks, visibility, queries)
    truth = surface(13, GRID, .05)[0]
    assert (tracks[13, 0] - truth).norm() > 18
    assert torch.allclose(placed[13, 0], torch.tensor([71.1326, 44.4686]), atol=.002)
    assert (placed[13, 0] - truth).norm() < 1.2


def test_alone_it_goes_where_the_model_says():
    tracks, visibility, queries = given(GRID[:1])
    tracks[8:, 0] += torch.tensor([5., -3.])
    assert torch.allclose(carry(tracks, visibility, queries), tracks, atol=1e-5)


def test_who_moved_otherwise_says_little():
    """Three that are nearer go the other way."""
    tracks, visibility, queries = given()
    others = torch.tensor([[44., 33.], [36., 33.], [42., 36.]])
    away = torch.stack([others - t * torch.tensor([4., 3.]) for t in range(FRAMES)])
    tracks, visibility = torch.cat([tracks, away], 1), torch.cat([visibility, torch.full((FRAMES, 3), .9)], 1)
    queries = torch.cat([queries, torch.cat([torch.zeros(3, 1), others], 1)])
    placed = carry(tracks, visibility, queries)
    assert (placed[13, 0] - surface(13, GRID)[0]).norm() < 1


def test_where_neighbours_are_hidden_too_others_are_asked():
    far = torch.tensor([[80., 30.], [90., 40.], [80., 60.]])
    tracks, visibility, queries = given(torch.cat([GRID, far]))
    visibility[9:, 1:6] = .2  # the model still knows where they are, but does not say so
    tracks[9:, 1:6] = tracks[8:9, 1:6]
    placed = carry(tracks, visibility, queries)
    assert (placed[13, 0] - surface(13, GRID)[0]).norm() < .5
    assert (placed[13, 5] - surface(13, GRID)[5]).norm() < .5


def test_a_point_without_neighbours_at_its_loss_asks_nobody_later():
    tracks, visibility, queries = given()
    visibility[5, 1:] = visibility[6, 1:] = .2
    tracks[5:7, 1:] = tracks[4:5, 1:]
    placed = carry(tracks, visibility, queries)
    assert torch.allclose(placed[:, 0], tracks[:, 0], atol=1e-5)


def test_seen_again_it_is_where_the_model_says_and_remembers_anew():
    tracks, visibility, queries = given()
    visibility[9, 0], tracks[9:, 0] = .9, surface(9, GRID)[0] + 1
    placed = carry(tracks, visibility, queries)
    assert torch.equal(placed[9, 0], tracks[9, 0])
    assert torch.allclose(placed[13, 0], surface(13, GRID)[0] + 1, atol=.1)


def test_live_it_is_the_same_and_later_windows_change_nothing():
    tracks, visibility, queries = given(turn=.05)
    offline = carry(tracks, visibility, queries)
    estimate = tracks.clone()
    live = LiveCarrier(estimate, queries)
    for t in range(1, FRAMES):
        own = tracks[t] - tracks[t - 1]
        estimate[t - 1] = estimate[t] - own  # what a window made of the frame before
        assert torch.allclose(live.step(t, estimate, visibility[t] > .65, queries[:, 0].long()), offline[t], atol=1e-4)
        estimate[t - 1] += 30
