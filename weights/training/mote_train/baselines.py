"""What a tracker must beat: standing still, and pyramidal Lucas-Kanade from frame to frame."""
import cv2
import numpy as np


def zero_motion(frames, queries):
    """-> tracks (T, N, 2): every point stays at its query."""
    return np.repeat(queries[None, :, 1:].astype(np.float32), len(frames), 0)


def lucas_kanade(frames, queries):
    """OpenCV's calcOpticalFlowPyrLK on grey frames (T, H, W, 3), from the last position, window 21x21, maxLevel 3, at most 30
    iterations or 0.01; a point that it reports lost stays where it is. -> tracks (T, N, 2)."""
    grey = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in frames]
    tracks = zero_motion(frames, queries)
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, .01)
    for t in range(1, len(frames)):
        last = tracks[t - 1]
        now, found, _ = cv2.calcOpticalFlowPyrLK(grey[t - 1], grey[t], last[:, None], None, winSize=(21, 21), maxLevel=3, criteria=criteria)
        step = np.where(found.astype(bool), now[:, 0], last)
        tracks[t] = np.where((queries[:, 0] < t)[:, None], step, queries[:, 1:])
    return tracks
