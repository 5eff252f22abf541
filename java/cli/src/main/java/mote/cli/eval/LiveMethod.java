package mote.cli.eval;

import mote.engine.BackendProvider;
import mote.engine.FrameSource;
import mote.engine.Weights;
import mote.engine.live.LiveOptions;
import mote.engine.live.LiveTracker;
import mote.engine.live.LiveVideo;

/** Our tracker live, frame by frame, with the protocol's picture as its working picture. */
final class LiveMethod implements Method {
  private final String id;
  private final Weights weights;
  private final BackendProvider provider;
  private final LiveOptions options;

  /**
   * @param weights stay owned by the caller
   * @param options capacity and working size are the protocol's, whatever they say
   */
  LiveMethod(String id, Weights weights, BackendProvider provider, LiveOptions options) {
    this.id = id;
    this.weights = weights;
    this.provider = provider;
    this.options = options;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Estimate track(Clip clip) {
    LiveOptions sized = options.withCapacity(clip.points()).withSize(clip.height(), clip.width());
    try (FrameSource source = clip.frames().get();
        LiveTracker tracker =
            LiveTracker.open(weights, provider, sized, source.height(), source.width())) {
      return MoteMethod.estimate(
          clip, LiveVideo.track(tracker, source, MoteMethod.queries(clip, source)));
    }
  }
}
