package mote.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** An order of work on the device. */
final class Stream implements AutoCloseable {
  private final String name;

  /** JCuda hides the handle's value from all but its subclasses. */
  private static final class Handle extends CUstream {
    long value() {
      return getNativePointer();
    }
  }

  private final Handle stream = new Handle();
  private Recorder recorder;
  private boolean capturing;
  private boolean closed;

  /**
   * @param name for people who look at profiles
   */
  Stream(String name) {
    this.name = name;
    Status.check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
  }

  String name() {
    return name;
  }

  /** From here on work is recorded; null: no more. */
  void record(Recorder recorder) {
    this.recorder = recorder;
  }

  /** What is told of each kernel and copy; null while nothing is recorded, or captured. */
  Recorder recorder() {
    return capturing ? null : recorder;
  }

  CUstream handle() {
    if (closed) {
      throw new IllegalStateException("Stream is closed: open the backend again");
    }
    return stream;
  }

  void upload(DeviceBuffer to, PinnedBuffer from, long bytes) {
    Recorder recorder = recorder();
    if (recorder != null) {
      recorder.beginCopy(this, "upload", bytes);
    }
    Status.check(
        "cuMemcpyHtoDAsync",
        JCudaDriver.cuMemcpyHtoDAsync(to.pointer(), from.pointer(), bytes, handle()));
    if (recorder != null) {
      recorder.end(this);
    }
  }

  /**
   * Copies pinned memory of a caller's.
   *
   * @param offset bytes of {@code to} that are left as they are
   * @param from address of memory that is pinned
   */
  void upload(DeviceBuffer to, long offset, long from, long bytes) {
    to.requireRange(offset, bytes);
    Recorder recorder = recorder();
    if (recorder != null) {
      recorder.beginCopy(this, "upload", bytes);
    }
    handle();
    Status.check(
        "cuMemcpyHtoDAsync", HostCopy.run(to.address() + offset, from, bytes, stream.value()));
    if (recorder != null) {
      recorder.end(this);
    }
  }

  void download(PinnedBuffer to, DeviceBuffer from, long bytes) {
    Pointer host = to.pointer();
    CUdeviceptr device = from.pointer();
    Recorder recorder = recorder();
    if (recorder != null) {
      recorder.beginCopy(this, "download", bytes);
    }
    Status.check("cuMemcpyDtoHAsync", JCudaDriver.cuMemcpyDtoHAsync(host, device, bytes, handle()));
    if (recorder != null) {
      recorder.end(this);
    }
  }

  /** Waits until all work so far is done; errors of that work come out here. */
  void synchronise() {
    Status.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(handle()));
  }

  /** Lets work from here on begin after what the event marks. */
  void await(Event event) {
    Status.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(handle(), event.handle(), 0));
  }

  /** Captures what {@code work} puts on this stream as a graph, without running it. */
  Graph capture(Runnable work) {
    Status.check(
        "cuStreamBeginCapture",
        JCudaDriver.cuStreamBeginCapture(
            handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
    CUgraph graph = new CUgraph();
    capturing = true;
    try {
      work.run();
    } catch (RuntimeException failure) {
      JCudaDriver.cuStreamEndCapture(handle(), graph);
      throw failure;
    } finally {
      capturing = false;
    }
    Status.check("cuStreamEndCapture", JCudaDriver.cuStreamEndCapture(handle(), graph));
    return new Graph(graph, work);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Status.check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(stream));
    }
  }

  /** A mark in a stream's work. */
  static final class Event implements AutoCloseable {
    private final CUevent event = new CUevent();
    private boolean closed;

    Event() {
      this(CUevent_flags.CU_EVENT_DISABLE_TIMING);
    }

    private Event(int flags) {
      Status.check("cuEventCreate", JCudaDriver.cuEventCreate(event, flags));
    }

    /** A mark that knows when it was passed. */
    static Event timed() {
      return new Event(CUevent_flags.CU_EVENT_DEFAULT);
    }

    /** Device time from another timed mark to this one; both were passed. */
    long nanosSince(Event earlier) {
      float[] millis = new float[1];
      Status.check(
          "cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(millis, earlier.handle(), handle()));
      return Math.round(1e6 * millis[0]);
    }

    CUevent handle() {
      if (closed) {
        throw new IllegalStateException("Event is closed: open the backend again");
      }
      return event;
    }

    void record(Stream stream) {
      Status.check("cuEventRecord", JCudaDriver.cuEventRecord(handle(), stream.handle()));
    }

    /** Waits until the stream has passed the mark; at once where it was never recorded. */
    void synchronise() {
      Status.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(handle()));
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        Status.check("cuEventDestroy", JCudaDriver.cuEventDestroy(event));
      }
    }
  }
}
