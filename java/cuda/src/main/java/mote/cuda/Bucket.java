package mote.cuda;

/**
 * Windows of at most so many points: the work is captured as a graph for a number of iterations
 * when it is first asked for, and replayed from then on. A capture allocates, on the heap and in
 * the driver: once for each number of iterations, with and without comparison.
 */
final class Bucket {
  /** More iterations are the replay of one, again and again. */
  private static final int MOST_CAPTURED = 16;

  final CallLayout call;
  final PointKernels kernels;
  private final Stream stream;
  private final PointBuffers buffers;
  private final PinnedBuffer pinnedCall;
  private final PinnedBuffer pinnedResult;
  private final long resultBytes;

  /** By whether points are compared with their templates, and the number of iterations. */
  private final Graph[][] whole = new Graph[2][MOST_CAPTURED + 1];

  private final Graph[] last = new Graph[2];
  private Graph first;
  private Graph iteration;

  /**
   * @param resultBytes that are read back
   */
  Bucket(
      CallLayout call,
      PointKernels kernels,
      Stream stream,
      PointBuffers buffers,
      PinnedBuffer pinnedCall,
      PinnedBuffer pinnedResult,
      long resultBytes) {
    this.call = call;
    this.kernels = kernels;
    this.stream = stream;
    this.buffers = buffers;
    this.pinnedCall = pinnedCall;
    this.pinnedResult = pinnedResult;
    this.resultBytes = resultBytes;
  }

  private void begin() {
    stream.upload(buffers.call(), pinnedCall, call.bytes());
    kernels.start.run(stream);
  }

  private void iterate() {
    Recorder recorder = stream.recorder();
    if (recorder != null) {
      recorder.beginIteration();
    }
    for (Step step : kernels.iteration()) {
      step.run(stream);
    }
    if (recorder != null) {
      recorder.endIteration();
    }
  }

  private void finish(boolean compare) {
    kernels.visibility.run(stream);
    if (compare) {
      kernels.similarity.run(stream);
    }
    stream.download(pinnedResult, buffers.result(), resultBytes);
  }

  /** Queues the call that is in the pinned buffer. */
  void run(int iterations, boolean compare) {
    int kind = compare ? 1 : 0;
    if (iterations > MOST_CAPTURED) {
      runLong(iterations, kind);
      return;
    }
    if (whole[kind][iterations] == null) {
      whole[kind][iterations] =
          stream.capture(
              () -> {
                begin();
                for (int i = 0; i < iterations; i++) {
                  iterate();
                }
                finish(compare);
              });
    }
    whole[kind][iterations].launch(stream);
  }

  private void runLong(int iterations, int kind) {
    if (first == null) {
      first = stream.capture(this::begin);
      iteration = stream.capture(this::iterate);
    }
    if (last[kind] == null) {
      last[kind] = stream.capture(() -> finish(kind == 1));
    }
    first.launch(stream);
    for (int i = 0; i < iterations; i++) {
      iteration.launch(stream);
    }
    last[kind].launch(stream);
  }

  void close() {
    for (Graph[] graphs : whole) {
      for (Graph graph : graphs) {
        Teardown.close(graph);
      }
    }
    Teardown.close(first);
    Teardown.close(iteration);
    Teardown.close(last[0]);
    Teardown.close(last[1]);
  }
}
