import torch

from mote_train.neighbours import Neighbours, support, voices

STEPS = 5


def points(count):
    """Points at (10 n + step, n), seen in steps 0 to 4 (but for the first in step 5)."""
    n, t = torch.arange(count), torch.arange(STEPS + 1)
    estimate = torch.stack([10. * n + t[:, None], n.expand(len(t), -1).float()], -1)
    called = torch.ones(len(t), count, dtype=torch.bool)
    called[STEPS, 0] = False
    return estimate, called


def heard(estimate, called, place):
    neighbours = Neighbours(called.shape[1])
    neighbours.remember(STEPS, torch.tensor([0]), estimate, called)
    return says(neighbours, estimate, called, place)


def says(neighbours, estimate, called, place):
    said = neighbours.here(torch.tensor([0]), estimate[STEPS], called[STEPS] & called[STEPS - 1])
    return torch.cat([support(said, torch.tensor([place])), voices(said)], 1)[0].tolist()


def test_they_say_where_the_point_is():
    estimate, called = points(4)
    assert heard(estimate, called, (5., 0.)) == [0, 0, 3, 3 / 8]
    assert heard(estimate, called, (5., 4.)) == [.25, .25, 3, 3 / 8]
    assert heard(estimate, called, (5., 6.)) == [.375, .375, 0, 3 / 8]
    assert heard(estimate, called, (99., 99.)) == [4, 4, 0, 3 / 8]


def test_who_was_not_seen_together_or_is_not_seen_now_says_nothing():
    estimate, called = points(5)
    called[:STEPS, 1], called[STEPS - 1, 2], called[STEPS, 3] = False, False, False
    assert heard(estimate, called, (5., 0.)) == [0, 4, 1, 1 / 8]


def test_the_last_step_together_counts():
    estimate, called = points(2)
    estimate[STEPS - 1, 1], estimate[STEPS, 1] = torch.tensor([50., 40.]), torch.tensor([51., 40.])
    assert heard(estimate, called, (5., 0.))[0] == 0
    neighbours, before = Neighbours(2), called.clone()
    before[STEPS - 1, 1] = False
    neighbours.remember(STEPS, torch.tensor([0]), estimate, before)
    assert says(neighbours, estimate, called, (41., 39.))[0] == 0


def test_the_nearest_sixteen_are_remembered():
    estimate, called = points(21)
    assert heard(estimate, called, (5., 0.)) == [0, 0, 5, 1]
    neighbours, now = Neighbours(21), called.clone()
    neighbours.remember(STEPS, torch.tensor([0]), estimate, called)
    now[STEPS, 1:17] = False
    assert says(neighbours, estimate, now, (5., 0.)) == [4, 4, 0, 0]
