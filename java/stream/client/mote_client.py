"""A client of `mote stream` (java/stream/PROTOCOL.md): frames in, points out. Needs pyarrow and numpy.

    with Client('tcp://127.0.0.1:7788') as mote:
        answer = mote.push(rgb, [add(320, 240), add(100.5, 80)])  # rgb: (height, width, 3) uint8
        answer = mote.push(next_rgb)
        print(answer.points, answer.xy, answer.visibility)

`push` sends a frame and waits for its answer. To keep several frames under way, call `send` and `receive` by
yourself, from two threads: the server does not take frames for ever from a peer that reads no answers.
"""
import argparse
import dataclasses
import json
import socket
import subprocess
import time

import numpy as np
import pyarrow as pa

COMMAND = pa.struct([('op', pa.utf8()), ('point', pa.int64()), ('x', pa.float32()), ('y', pa.float32()),
                     ('frame', pa.int64())])
SCHEMA = pa.schema([('frame', pa.int64()), ('timestamp_ns', pa.int64()), ('height', pa.int32()),
                    ('width', pa.int32()), ('image', pa.large_binary()), ('commands', pa.list_(COMMAND))])


def add(x, y, frame=None):
    """A new point at a pixel of this frame, or of an earlier one that the server still has."""
    return {'op': 'add', 'x': x, 'y': y, 'frame': frame}


def move(point, x, y, frame=None):
    """Corrects where a point is."""
    return {'op': 'move', 'point': point, 'x': x, 'y': y, 'frame': frame}


def remove(point):
    return {'op': 'remove', 'point': point}


def freeze(point):
    """Holds a point where it is."""
    return {'op': 'freeze', 'point': point}


def thaw(point):
    return {'op': 'thaw', 'point': point}


def cut():
    """The next frame shows another scene."""
    return {'op': 'cut'}


class StreamError(Exception):
    """The server ended the stream, and says why."""


@dataclasses.dataclass
class Answer:
    """The live points in one frame, N rows in the order of their identities."""
    frame: int                # the newest frame that was tracked, -1 before the first
    timestamp_ns: int         # as it was sent; None where there are no rows
    points: np.ndarray        # [N] int64, identities
    xy: np.ndarray            # [N, 2] float32, pixels of the frame; x right, y down, pixel centres at integers
    visibility: np.ndarray    # [N] float32, probability that the point is seen
    confidence: np.ndarray    # [N] float32, probability of a small error, NaN where the model has none
    results: list             # one dict a command: {}, {'point': identity of an add}, or {'error': reason}
    dropped: int              # frames that this one overtook (policy latest)


class Client:
    """One connection, which has a tracker of its own.

    address: 'tcp://host:port', 'unix:/path', or a list: the command that serves standard input and output,
    for example ['./mote', 'stream'].
    """

    def __init__(self, address, token=None):
        self._process = self._socket = self._reader = None
        if isinstance(address, list):
            self._process = subprocess.Popen(address, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._sink, self._source = self._process.stdin, self._process.stdout
        else:
            self._socket = connect(address)
            self._sink = self._socket.makefile('wb')
            self._source = self._socket.makefile('rb')
        schema = SCHEMA.with_metadata({'mote.token': token}) if token else SCHEMA
        self._writer = pa.ipc.new_stream(self._sink, schema)
        self._frame = -1

    def push(self, rgb=None, commands=(), frame=None, timestamp_ns=None):
        """Sends a frame, or only commands, and waits for the answer. See send."""
        self.send(rgb, commands, frame, timestamp_ns)
        return self.receive()

    def send(self, rgb=None, commands=(), frame=None, timestamp_ns=None):
        """Sends one row: a picture, commands, or both. The picture is tracked first, then the commands follow.

        rgb: (height, width, 3) uint8, RGB; its size may change. frame: above the last one's, default: by one.
        """
        height, width, image = 0, 0, pa.nulls(1, pa.large_binary())
        if rgb is not None:
            rgb = np.ascontiguousarray(rgb)
            if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
                raise ValueError(f'picture is not RGB: shape={rgb.shape}, type={rgb.dtype}; give (height, width, 3) uint8')
            height, width, _ = rgb.shape
            ends = pa.py_buffer(np.array([0, rgb.size], np.int64))
            image = pa.LargeBinaryArray.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(rgb)])
            self._frame = self._frame + 1 if frame is None else frame
        stamp = time.time_ns() if timestamp_ns is None else timestamp_ns
        columns = [pa.array([self._frame], pa.int64()), pa.array([stamp], pa.int64()),
                   pa.array([height], pa.int32()), pa.array([width], pa.int32()), image,
                   pa.array([list(commands)], pa.list_(COMMAND))]
        try:
            self._writer.write_batch(pa.record_batch(columns, schema=SCHEMA))
            self._sink.flush()
        except OSError:
            while True:  # the server has hung up: its last answer says why
                self.receive()

    def receive(self):
        """Waits for the next answer. Raises StreamError with the server's reason, or EOFError at the end."""
        if self._reader is None:
            self._reader = pa.ipc.open_stream(self._source)
        try:
            batch, metadata = self._reader.read_next_batch_with_custom_metadata()
        except StopIteration:
            raise EOFError('the stream has ended') from None
        metadata = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
        if 'mote.error' in metadata:
            raise StreamError(metadata['mote.error'])
        column = {name: batch.column(name).to_numpy(zero_copy_only=False) for name in batch.schema.names}
        return Answer(
            frame=int(metadata.get('mote.frame', -1)),
            timestamp_ns=int(column['timestamp_ns'][0]) if batch.num_rows else None,
            points=column['point'],
            xy=np.stack([column['x'], column['y']], axis=1),
            visibility=column['visibility'],
            confidence=column['confidence'],
            results=json.loads(metadata.get('mote.results', '[]')),
            dropped=int(metadata.get('mote.dropped', 0)))

    def close(self):
        """Ends the stream and waits until the server has ended its own."""
        try:
            self._writer.close()
            self._sink.close()
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_WR)
            while True:
                self.receive()
        except (EOFError, OSError, StreamError, ValueError):  # ended before, by either side
            pass
        finally:
            self._source.close()
            if self._socket is not None:
                self._socket.close()
            if self._process is not None:
                self._process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def connect(address):
    """A socket to 'tcp://host:port' or 'unix:/path'."""
    if address.startswith('unix:'):
        connected = socket.socket(socket.AF_UNIX)
        connected.connect(address.removeprefix('unix:'))
        return connected
    host, _, port = address.removeprefix('tcp://').rpartition(':')
    connected = socket.create_connection((host.strip('[]'), int(port)))
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def main():
    parser = argparse.ArgumentParser(description='Tracks a pattern that moves two pixels a frame to the right.')
    parser.add_argument('address', help='tcp://host:port or unix:/path of mote stream')
    parser.add_argument('--token-file', type=argparse.FileType(), help="the server's")
    parser.add_argument('--frames', type=int, default=30)
    arguments = parser.parse_args()
    token = arguments.token_file.readline().strip() if arguments.token_file else None
    noise = np.random.default_rng(0).integers(0, 256, (30, 60, 3), np.uint8)
    pattern = np.kron(noise, np.ones((8, 8, 1), np.uint8))  # blocks of 8x8 pixels
    with Client(arguments.address, token) as mote:
        for frame in range(arguments.frames):
            picture = np.roll(pattern, 2 * frame, axis=1)[:, :320]
            answer = mote.push(picture, [add(100, 100), add(200, 150)] if frame == 0 else [])
            print(answer.frame, *(f'{point}: {x:.1f},{y:.1f}' for point, (x, y) in zip(answer.points, answer.xy)))


if __name__ == '__main__':
    main()
