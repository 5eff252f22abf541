package mote.cuda;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/** Captured work that is replayed with one call. */
final class Graph implements AutoCloseable {
  private final CUgraphExec executable = new CUgraphExec();
  private boolean closed;

  /**
   * @param graph is destroyed here
   */
  Graph(CUgraph graph) {
    int status = JCudaDriver.cuGraphInstantiate(executable, graph, 0);
    int destroyed = JCudaDriver.cuGraphDestroy(graph);
    Status.check("cuGraphInstantiate", status);
    Status.check("cuGraphDestroy", destroyed);
  }

  void launch(Stream stream) {
    if (closed) {
      throw new IllegalStateException("Graph is closed: open the backend again");
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
