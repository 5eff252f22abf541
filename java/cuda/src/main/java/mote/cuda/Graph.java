package mote.cuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/** Captured work that is replayed with one call, or piece by piece where it is recorded. */
final class Graph implements AutoCloseable {
  private final CUgraphExec executable = new CUgraphExec();
  private final Runnable work;
  private boolean closed;

  /**
   * @param graph is destroyed here
   * @param work what was captured
   */
  Graph(CUgraph graph, Runnable work) {
    this.work = work;
    int status = JCudaDriver.cuGraphInstantiate(executable, graph, 0);
    int destroyed = JCudaDriver.cuGraphDestroy(graph);
    Status.check("cuGraphInstantiate", status);
    Status.check("cuGraphDestroy", destroyed);
  }

  void launch(Stream stream) {
    if (closed) {
      throw new IllegalStateException("Graph is closed: open the backend again");
    }
    if (stream.recorder() != null) {
      work.run();
      return;
    }
    Status.check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(executable, stream.handle()));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      Status.check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(executable));
    }
  }
}
