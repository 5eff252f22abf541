"""Where a point is while it is hidden: it goes with the points that moved as it did.

A model's own estimate of a hidden point is little more than a guess. Points of one surface move together, also behind an
occluder: a point that is not firm remembers those that lay near it and moved like it when it was last firm, and each frame
takes the step that they take. What the model itself makes of the step counts a little, so that a point alone goes where the model says.
Only what is said of hidden points changes; the model's own estimates go on as they are.
"""
import torch

FIRM = .65  # visibility above which the model's estimate is believed
COUNT = 8  # neighbours that a point remembers
FEWEST = 3  # fewer that still say something: it looks for others
REACH = 7  # frames before the loss in which two points must have been firm together
NEAR = 16.  # pixels of the working picture in which a neighbour's weight falls to 1/e
ALIKE = 4.  # pixels: mean deviation from a constant offset at which it falls to a quarter
UNPROVEN, PROOF = 2., 3  # that deviation where there are fewer than PROOF frames to tell
OWN = .001  # weight of the model's own step
PASSES = 3  # of the robust mean
SLACK = .5  # pixels within which steps are the same to it
REST = 100.  # square pixels that hold rotation and scale where neighbours lie close together


class Carrier:
    """Of N points; coordinates are pixels of the working picture."""

    def __init__(self, n):
        self.who = torch.zeros(n, COUNT, dtype=torch.long)
        self.weight = torch.zeros(n, COUNT, dtype=torch.float64)  # 0: nobody
        self.remembers = torch.zeros(n, dtype=torch.bool)

    def step(self, t, place, firm, since, own):
        """Carries the points that are not firm into frame t.

        place (T, N, 2): known up to frame t - 1, and in t where firm; the others' places in t are written. firm (T, N) bool. since
        (N,): frame from which on a point has places. own (N, 2): what the model makes of the step from t - 1.
        """
        self.remembers &= ~firm[t]
        steady = firm[t] & firm[t - 1]
        for p in torch.nonzero((since < t) & ~firm[t])[:, 0].tolist():
            said = self.weight[p] > 0
            if not self.remembers[p]:
                self.weight[p] = 0
                self.remember(p, t, place, firm, int(since[p]), only_firm=True)
                self.remembers[p] = True
            elif said.any() and (said & steady[self.who[p]]).sum() < FEWEST:
                self.remember(p, t, place, firm, int(since[p]), only_firm=False)
            place[t, p] = self.carried(p, place[t - 1], place[t], steady, own[p])

    def remember(self, p, t, place, firm, since, only_firm):
        """Takes the best of those that are firm in frame t and were in others before, from `since` on, in which p has a place, or is
        firm, too. Where there are none, what it remembers stays."""
        first = max(0, since, t - REACH)
        both = firm[first:t] & firm[t]
        if only_firm:
            both &= firm[first:t, p, None]
        both[:, p] = False
        n = both.sum(0)
        offset = torch.where(both[..., None], (place[first:t, p, None] - place[first:t]).double(), 0.)
        mean = offset.sum(0) / n.clamp(min=1)[:, None]
        off = torch.where(n < PROOF, UNPROVEN, ((offset - mean).norm(dim=-1) * both).sum(0) / n.clamp(min=1))
        last = len(both) - 1 - both.flip(0).int().argmax(0)  # the last frame of both
        distance = offset[last, torch.arange(len(n))].norm(dim=-1)
        weight = torch.where(n > 0, torch.exp(-distance / NEAR) / (1 + (off / ALIKE) ** 2) ** 2, 0.)
        if (weight > 0).any():
            best = weight.argsort(descending=True, stable=True)[:COUNT]
            self.weight[p] = 0
            self.who[p, :len(best)], self.weight[p, :len(best)] = best, weight[best]

    def carried(self, p, before, now, steady, own):
        """before, now (N, 2) places, steady (N,) bool: firm in both -> (2,): where p is now, by a similarity transform of its neighbours."""
        who, mine = self.who[p], before[p].double()
        said = self.weight[p] * steady[who]
        a, b = torch.cat([before[who].double(), mine[None]]), torch.cat([now[who].double(), mine[None] + own.double()])
        weight, step = torch.cat([said, said.new_tensor([OWN])])[:, None], b - a
        mean = (weight * step).sum(0) / weight.sum()
        for _ in range(PASSES):
            w = weight / ((step - mean).norm(dim=-1, keepdim=True) + SLACK)
            w = w / w.sum()
            mean = (w * step).sum(0)
        ca, cb = (w * a).sum(0), (w * b).sum(0)
        a, b = a - ca, b - cb
        spread = (w * a * a).sum() + REST
        cos = ((w * a * b).sum() + REST) / spread
        sin = (w[:, 0] * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])).sum() / spread
        x, y = mine - ca
        return (cb + torch.stack([cos * x - sin * y, sin * x + cos * y])).to(now.dtype)


def carry(tracks, visibility, queries):
    """A whole video's tracks (T, N, 2) with the points that are not firm carried. visibility (T, N) probabilities, queries (N, 3).
    Pixels of the working picture."""
    asked, frames = queries[:, 0].long(), torch.arange(len(tracks))[:, None]
    place, firm = tracks.clone(), (visibility > FIRM) & (frames > asked) | (frames == asked)
    carrier = Carrier(len(queries))
    for t in range(1, len(tracks)):
        carrier.step(t, place, firm, asked, tracks[t] - tracks[t - 1])
    return place


class LiveCarrier:
    """The same frame by frame. What was said of a frame counts, not what later windows make of it: they see the occluder."""

    def __init__(self, estimate, queries):
        self.asked = queries[:, 0].long()
        self.place, self.firm = estimate.clone(), torch.zeros(estimate.shape[:2], dtype=torch.bool)
        self.firm[self.asked, torch.arange(len(queries))] = True
        self.carrier = Carrier(len(queries))

    def step(self, t, estimate, firm, since):
        """estimate (T, N, 2): the windows', up to frame t; firm (N,) bool in t -> places in t (N, 2)."""
        self.firm[t] |= firm & (self.asked < t)
        self.place[t] = estimate[t]
        self.carrier.step(t, self.place, self.firm, since, estimate[t] - estimate[t - 1])
        return self.place[t]
