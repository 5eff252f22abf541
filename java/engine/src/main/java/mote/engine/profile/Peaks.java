package mote.engine.profile;

/**
 * What a device can do at most, as measured: the floor under every time.
 *
 * @param gflops billions of operations a second of multiply-adds alone
 * @param cacheGigabytesPerSecond from the cache: read and written by a copy on a CPU, read alone on
 *     a GPU
 * @param memoryGigabytesPerSecond read and written, of a large copy
 * @param note how they were measured, for people
 */
public record Peaks(
    double gflops, double cacheGigabytesPerSecond, double memoryGigabytesPerSecond, String note) {

  /**
   * The least time for some work: all operations at the peak, or all bytes at the rate of the cache
   * (what is read may be there already), whichever takes longer.
   */
  public double floorNanos(double operations, double bytes) {
    return Math.max(operations / gflops, bytes / cacheGigabytesPerSecond);
  }
}
