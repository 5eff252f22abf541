"""Trains the refinement on whole streams, from the first frame to the last:

    python -m mote_train.streams configs/mote-s-streams.json --out RUN --init ../mote-s.safetensors [--clips FOLDER]

`train` unrolls 24 frames at most. Here points of clips like those of lost and found (`sight.clip`: training's own materials) are
followed through all 112 frames as the live tracker does it, with what they lost on the way, and learn to tell whether they are
what a search for them found; between two clips come as many steps of `train`'s samples, so that short windows and other scenes
are not unlearnt. The encoder stays: its maps of a clip are made once and kept beside it. Leaves in RUN the averaged weights
(`ema`) and the log; SIGTERM saves and ends, and the same command goes on.
"""
import argparse
import functools
import hashlib
import os
import time

import numpy as np
import torch

from . import checkpoint, config as configs, sight, train as short_samples
from .losses import FARTHEST, sequence_loss
from .lost import LEAST_MARGIN, Live
from .tracking import WINDOW, encode_video
from .train import Run, groups_of

LOSSES = 'loss_streamed', 'loss_searched', 'loss_short'
CLIPS = range(sight.COUNT, 144)  # those before are for the gates, which are to judge what these weights have not seen
WINDOWS = 6  # a step down the mean of their losses
SHORT = 18  # steps of train's samples after a clip: about as many as a clip has
ITERATIONS = (1, 1, 1, 2, 4)
SEARCHED = .5  # weight of the loss of what a search found
SEEN = .5  # visibility * confidence under which a point is searched for: the gates, which decide it live, are fitted later
ITSELF = 12  # pixels within which a peak is the point itself
NOWHERE = 10. * FARTHEST  # a place that no loss asks for
ASTRAY, AFTER, OFTEN, ABOUT = 12, 2, .3, 2  # a visible point farther off than ASTRAY pixels for more than AFTER frames is put back now and then, within ABOUT


class StreamRun(Run):
    """Of the refinement alone."""

    def __init__(self, config, init):
        super().__init__(config, init)
        for name, p in self.model.named_parameters():
            p.requires_grad_(not name.startswith('enc.') and self.model.ships(name))

    def losses(self, hop, batch):
        return super().losses(hop, batch, matching=0)


def searched(points, t, n, truth, visible):
    """What a search for the points n in frame t finds, of which truth (N, 2) and visible (N,) are known -> fresh windows' result,
    truth and visibility as `sequence_loss` takes them: a point that was found where it is not is not visible there. None where
    nothing stands out."""
    with torch.no_grad():
        _, best, _, margin = points.look(t, n)
    good = margin > LEAST_MARGIN
    if not good.any():
        return None
    here = ((best - truth).norm(dim=-1) <= ITSELF)[good]
    truth = torch.where(here[:, None], truth[good], NOWHERE).expand(1, WINDOW, -1, -1)
    return points.fresh(t, n[good], best[good]), truth, (visible[good] * here).expand(1, WINDOW, -1)


def windows(model, pyramid, queries, truth, visible, rng):
    """Yields, for each frame of a stream, refine's result, truth and visibility of the window, shapes as `sequence_loss` takes them,
    and the same of what a search finds for the points that look hidden."""
    iterations = int(rng.choice(ITERATIONS))
    with torch.no_grad():
        points = Live(model, pyramid, queries, len(truth))
    astray = torch.zeros(len(queries))
    for t in range(1, len(truth)):
        n = points.n[points.asked < t]
        if not len(n):
            continue
        places, out = points.refine(t, n, iterations)
        live = out, truth[places, n[:, None]][:, :, None], visible[places, n[:, None]][:, :, None]
        lost = n[torch.sigmoid(points.newest(t, places, out[-1][1])).prod(-1) < SEEN]
        yield live, searched(points, t, lost, truth[t, lost], visible[t, lost]) if len(lost) else None
        off = (points.estimate[t, n] - truth[t, n]).norm(dim=-1) > ASTRAY
        astray[n] = torch.where(off & (visible[t, n] > .5), astray[n] + 1, 0.)
        back = n[(astray[n] > AFTER) & torch.from_numpy(rng.rand(len(n)) < OFTEN)]
        points.restart(t, back, truth[t, back] + ABOUT * torch.from_numpy(rng.randn(len(back), 2)).to(truth))


def clip(model, folder, i):
    """Clip i and its maps, which are kept for this encoder. -> pyramid, queries, truth, visible: tensors."""
    frames, queries, tracks, visible = sight.clip(folder, i)
    encoder = hashlib.sha256(b''.join(v.numpy().tobytes() for v in model.enc.state_dict().values())).hexdigest()[:12]
    path = os.path.join(folder, f'{i:02d}.{encoder}.pt')
    if not os.path.exists(path):
        with torch.no_grad():
            torch.save(encode_video(model, torch.from_numpy(frames)).maps[0], path + '.part')
        os.replace(path + '.part', path)
    return model.pyramid(torch.load(path, mmap=True)), torch.from_numpy(queries), torch.from_numpy(tracks).float(), torch.from_numpy(visible.astype(np.float32))


def follow(run, folder, numbers):
    """A clip, then short samples. -> the means of their losses: the clip's windows', its searches' (0 where nothing was searched for) and the samples'."""
    rng, cuts, first = np.random.RandomState([run.config['seed'], run.step]), run.config['cuts'], run.step
    short = iter(groups_of(run.config, first, first + -(-SHORT // cuts)))  # rendered meanwhile
    pending, streamed = [], []
    for pair in windows(run.model, *clip(run.model, folder, int(rng.choice(numbers))), rng):
        pending.append([sequence_loss(*what) if what else torch.zeros(()) for what in pair])
        if len(pending) == WINDOWS:
            live, found = (sum(losses) / WINDOWS for losses in zip(*pending))
            run.update(live + SEARCHED * found)
            streamed.append((live.item(), found.item()))
            pending = []
    return (*np.mean(streamed, 0).tolist(), float(np.mean([run.advance(hop, batch)[0].item() for group in short for hop, batch in group])))


def whole(run, record, path, until, stopping, folder, numbers):
    """What `train.follow` is for short samples alone."""
    saved = time.time()
    while run.step < until and not stopping:
        began = time.time()
        losses = follow(run, folder, numbers)
        run.seconds += time.time() - began
        record.log(dict(step=run.step, minutes=round(run.seconds / 60, 2), **{k: round(v, 4) for k, v in zip(LOSSES, losses)}))
        if time.time() - saved > 60 * run.config['checkpoint_minutes']:
            checkpoint.save(run, path)
            saved = time.time()
    checkpoint.save(run, path)


def train(config, out, init, folder, numbers=CLIPS, until=None):
    """As `train.train`, and somewhat beyond: to the end of a clip and its short samples."""
    os.makedirs(folder, exist_ok=True)
    return short_samples.train(config, out, init, until, StreamRun, functools.partial(whole, folder=folder, numbers=numbers))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('config')
    p.add_argument('--out', required=True)
    p.add_argument('--init', required=True, help='weights to start from')
    p.add_argument('--clips', default='runs/sight', help='folder of the clips, which are rendered once, and of their maps (90 MB a clip, 11 GB); default: %(default)s')
    a = p.parse_args()
    train(configs.read(a.config), a.out, a.init, a.clips)


if __name__ == '__main__':
    main()
