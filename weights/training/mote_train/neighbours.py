"""Where the points that were seen together with a lost one say that it is.

Points of one surface keep their places relative to each other for some frames, also behind an occluder: a point that is lost
remembers how it lay to the others when it was last seen together with each of them.
"""
import torch

COUNT = 16  # neighbours that a point remembers: the nearest
REACH = 7  # frames before the loss in which the two must have been seen together
AGREE = 6  # pixels within which a neighbour's word and a place are the same
FAR = 64  # pixels: what is further off, or not there, says no more
NONE = (4., 4., 0.)  # the inputs of `support` where there are no neighbours


class Neighbours:
    """Of N points; coordinates are pixels of the working picture."""

    def __init__(self, n):
        self.who = torch.zeros(n, COUNT, dtype=torch.long)
        self.offset = torch.full((n, COUNT, 2), float('nan'))  # from the neighbour to the point

    def remember(self, t, n, estimate, called):
        """The points n were seen in frame t - 1 and are not in t. estimate (T, N, 2), called (T, N)."""
        for p in n.tolist():
            offset = torch.full((called.shape[1], 2), float('nan'))
            for s in range(max(0, t - REACH), t):  # the last one counts
                both = called[s] & called[s, p]
                offset[both] = (estimate[s, p] - estimate[s])[both]
            offset[p] = float('nan')
            distance = offset.norm(dim=-1).nan_to_num(torch.inf)
            who = distance.argsort(stable=True)[:COUNT]
            self.offset[p] = float('nan')
            self.who[p, :len(who)], self.offset[p, :len(who)] = who, offset[who]

    def here(self, n, xy, steady):
        """What they say: xy (N, 2) of all points in this frame, steady (N,) bool: seen in this frame and the one before.
        -> (len(n), COUNT, 2), NaN where one says nothing."""
        return torch.where(steady[self.who[n]][..., None], xy[self.who[n]] + self.offset[n], torch.nan)


def support(said, place):
    """said (M, COUNT, 2), place (M, 2) -> (M, 3): how far off the nearest two are, how many agree."""
    off = (said - place[:, None]).norm(dim=-1).nan_to_num(FAR).clamp(max=FAR)
    nearest = off.sort(1)[0][:, :2] / 16
    return torch.cat([nearest, (off < AGREE).sum(1, keepdim=True).clamp(max=5).to(nearest)], 1)


def voices(said):
    """-> (M, 1): how many say something, 1 for 8 and more."""
    return (~said[..., 0].isnan()).sum(1, keepdim=True).clamp(max=8) / 8
