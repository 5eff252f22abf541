"""pyarrow's Flight client against ./mote stream --listen grpc://...: the same streams, limits, token and ends."""
import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pyarrow as pa
import pyarrow.flight as flight
import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'java', 'stream', 'client'))

import mote_client as client  # noqa: E402

MOTE = os.path.join(ROOT, 'mote')
TOKEN = 'correct horse battery staple'
TIMEOUT = 2


def start(*options):
    process = subprocess.Popen(
        [MOTE, 'stream', '--listen', 'grpc://127.0.0.1:0', '--json', '--points', '2', '--max-frame', '320x240',
         '--connections', '2', '--timeout', str(TIMEOUT), *options],
        stdout=subprocess.PIPE, env={**os.environ, 'MOTE_FLIGHT': '1'})
    return process, json.loads(process.stdout.readline())['listen']


def stop(process):
    process.terminate()
    events = [json.loads(line) for line in process.stdout]
    assert process.wait() == 130
    return events


@pytest.fixture(scope='module')
def server(tmp_path_factory):
    """One server for all tests: what a test does to its call is no concern of the others."""
    token = tmp_path_factory.mktemp('token') / 'token'
    token.write_text(TOKEN + '\n')
    process, address = start('--token-file', str(token))
    yield address
    events = stop(process)
    assert {event['event'] for event in events} == {'ended'}
    assert all(event['peer'].startswith('flight client ') for event in events)


class Call:
    """One DoExchange."""

    def __init__(self, server, token=TOKEN, schema=client.SCHEMA, **options):
        self.flight = flight.connect(server, **options)
        self.writer, self.reader = self.flight.do_exchange(flight.FlightDescriptor.for_command(b'mote'))
        if schema is not None:
            self.writer.begin(schema.with_metadata({'mote.token': token}))

    def send(self, frame, picture, commands=None):
        height, width, _ = picture.shape
        self.writer.write_batch(pa.record_batch(
            [[frame], [10 * frame], [height], [width], [picture.tobytes()], [commands]], schema=client.SCHEMA))

    def receive(self):
        """Rows, and what is no row; None at the end."""
        try:
            chunk = self.reader.read_chunk()
        except StopIteration:
            return None
        return chunk.data.to_pydict(), json.loads(chunk.app_metadata.to_pybytes())

    def error(self):
        """Why the server ends the stream."""
        rows, metadata = self.receive()
        assert rows['frame'] == []
        assert self.receive() is None
        return metadata['mote.error']

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.reader.cancel()
        try:
            self.writer.close()
        except pa.ArrowException:
            pass  # it was cancelled
        self.flight.close()
        time.sleep(0.2)  # until the server has seen it: its connections are few


def pictures(count, height=96, width=128):
    """Blocks of noise that move a pixel a frame to the right."""
    noise = np.random.default_rng(1).integers(0, 256, (height // 4, width // 2, 3), np.uint8)
    ground = np.kron(noise, np.ones((4, 4, 1), np.uint8))
    return [np.roll(ground, frame, axis=1)[:, :width] for frame in range(count)]


def test_points_move_with_the_pattern(server):
    with Call(server) as call:
        described = {key.decode(): value.decode() for key, value in call.reader.schema.metadata.items()}
        assert described['mote.stream.version'] == '1' and described['mote.policy'] == 'every'
        for frame, picture in enumerate(pictures(8)):
            call.send(frame, picture, [client.add(50, 40), client.add(900, 1)] if frame == 0 else None)
            rows, metadata = call.receive()
            assert rows['point'] == [0] and rows['frame'] == [frame] and rows['timestamp_ns'] == [10 * frame]
            np.testing.assert_allclose([rows['x'][0], rows['y'][0]], [50 + frame, 40], atol=1)
            assert metadata['mote.frame'] == str(frame)
            if frame == 0:
                added, refused = json.loads(metadata['mote.results'])
                assert added == {'point': 0} and refused['error'].startswith('point lies outside the picture: ')
        call.writer.done_writing()
        assert call.receive() is None


def test_many_frames_under_way(server):
    with Call(server) as call:
        for frame, picture in enumerate(pictures(20)):
            call.send(frame, picture)
        assert [call.receive()[1]['mote.frame'] for _ in range(20)] == [str(frame) for frame in range(20)]


def test_metadata_alone_is_a_sign_of_life(server):
    with Call(server) as call:
        call.send(0, pictures(1)[0])
        assert call.receive()[1]['mote.frame'] == '0'
        for _ in range(4):
            time.sleep(TIMEOUT / 3)
            call.writer.write_metadata(b'here')
        call.send(1, pictures(1)[0])
        assert call.receive()[1]['mote.frame'] == '1'


def test_wrong_token(server):
    with Call(server, 'wrong' * 4) as call:
        assert call.error().startswith('token is missing or wrong: key=mote.token; ')


def test_wrong_schema(server):
    with Call(server, schema=pa.schema([('a', pa.int32())])) as call:
        assert 'schema' in call.error()


@pytest.mark.parametrize('schema', [client.SCHEMA, None])
def test_silence(server, schema):
    with Call(server, schema=schema) as call:
        began = time.monotonic()
        assert call.error().startswith(f'peer is silent: seconds={TIMEOUT}.0; ')
        assert TIMEOUT - 0.5 < time.monotonic() - began < TIMEOUT + 2


def test_too_large(server):
    with Call(server) as call:
        call.send(0, np.zeros((241, 320, 3), np.uint8))
        assert call.error().startswith('picture is too large: ')


def test_beyond_all_limits(server):
    with Call(server) as call:
        with pytest.raises((pa.ArrowException, flight.FlightError)):
            call.send(0, np.zeros((2400, 3200, 3), np.uint8))
            while call.receive() is not None:
                pass
    test_points_move_with_the_pattern(server)


def test_one_call_too_many(server):
    with Call(server) as first, Call(server) as second:
        for call in (first, second):
            call.send(0, pictures(1)[0])
            assert call.receive()[1]['mote.frame'] == '0'
        with pytest.raises(pa.ArrowException, match='server is full: connections=2; try again later'):
            with Call(server) as third:
                third.receive()
    test_points_move_with_the_pattern(server)


def test_the_latest(tmp_path):
    process, address = start('--policy', 'latest')
    with Call(address, '') as call:
        call.send(0, pictures(1)[0])
        assert call.receive()[1]['mote.frame'] == '0'
        for frame, picture in enumerate(pictures(60, 240, 320), 1):
            call.send(frame, picture)
        dropped, newest = 0, 0
        while newest < 60:
            metadata = call.receive()[1]
            newest = int(metadata['mote.frame'])
            dropped += int(metadata.get('mote.dropped', 0))
        assert dropped > 0
    stop(process)


# Answers of some kilobytes: the peer's own gRPC keeps some of them, the server's next to none.
REFUSED = [{'op': 'x' * 40, 'point': 0, 'x': 0.0, 'y': 0.0, 'frame': None}] * 60
FAR_TOO_MANY = 4000


class Flood(threading.Thread):
    """Sends frames as fast as they are taken, and reads nothing."""

    def __init__(self, call, picture):
        super().__init__(daemon=True)
        self.call, self.picture = call, picture
        self.sent = 0
        self.start()

    def run(self):
        try:
            while self.sent < FAR_TOO_MANY:
                self.call.send(self.sent + 1, self.picture, REFUSED)
                self.sent += 1
        except (pa.ArrowException, flight.FlightError):
            pass  # the call has its end

    def until_it_stalls(self):
        """Frames that were taken when for a while no more were."""
        before = -1
        while self.sent != before:
            before = self.sent
            time.sleep(1.5)
        return before


# A peer whose gRPC does not learn to take more and more that nobody has read.
SMALL_WINDOW = {'generic_options': [('grpc.http2.bdp_probe', 0)]}


def test_a_peer_that_does_not_read(server):
    with Call(server, **SMALL_WINDOW) as call:
        flood = Flood(call, pictures(1)[0])
        assert 0 < flood.until_it_stalls() < FAR_TOO_MANY
        time.sleep(TIMEOUT + 1)
        with pytest.raises(flight.FlightTimedOutError, match=f'answers are not read: timeout_seconds={TIMEOUT}.0; '):
            while call.receive() is not None:
                pass
        flood.join(10)
        assert not flood.is_alive(), 'the call has no end'
    test_points_move_with_the_pattern(server)


def test_only_on_this_machine_without_a_token():
    run = subprocess.run(
        [MOTE, 'stream', '--listen', 'grpc://0.0.0.0:0'], capture_output=True, text=True,
        env={**os.environ, 'MOTE_FLIGHT': '1'})
    assert run.returncode == 2 and 'address is open to other machines: ' in run.stderr
