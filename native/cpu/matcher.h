// Templates against a whole feature map: where a point that was lost may be.
#pragma once

#include <vector>

#include "correlator.h"
#include "layers.h"

namespace mote {

// The similarity of a position is the mean, over the pixels of the finest level's patch, of the dot
// product with the feature that lies there (zero outside the map); pips' features are brought to
// unit length first. A peak is a position that no other in the 5x5 around it exceeds.
class Matcher {
 public:
  Matcher(Context& context, const mote_config& config, const Geometry& geometry, const Ring& ring,
          const Correlator& correlator);

  // xy (count, 2) pixels of the best peak, similarity (count, 2): its own and the next peak's.
  void match(int slot, int count, const int32_t* templates, float* xy, float* similarity);

  // similarity (count) at xy (count, 2) pixels, interpolated between feature pixels.
  void similarity(int slot, int count, const int32_t* templates, const float* xy,
                  float* similarity) const;

 private:
  struct Workspace {
    Array<float> row;  // (width, lanes)
    Array<float> map;  // (height, width)
  };

  void patch_map(int slot, int template_id, Workspace& w) const;
  void feature_map(int slot, int template_id, Workspace& w) const;
  float own_length(int template_id) const;
  float at(int slot, int template_id, float own_length, int y, int x) const;
  void peaks(const float* map, float* xy, float* similarity) const;
  bool is_peak(const float* map, int y, int x) const;

  const Context& context_;
  const Geometry& geometry_;
  const Ring& ring_;
  const Correlator& correlator_;
  const float scale_;  // what dot products are multiplied with
  const Level& level_;
  std::vector<Workspace> workspaces_;
};

}  // namespace mote
