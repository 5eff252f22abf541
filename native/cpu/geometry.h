// Sizes that follow from a configuration.
#pragma once

#include <vector>

#include "../include/mote.h"
#include "kernels.h"

namespace mote {

struct Level {
  int height;
  int width;
  int64_t offset;  // floats from the start of a slot
};

// A position between two integer ones. Positions that are far away (or not finite) look at nothing:
// they must not overflow an int.
struct Split {
  int whole;
  float fraction;
};
Split split(float position);

struct Geometry {
  explicit Geometry(const mote_config& config);

  bool pips;
  int window;
  int features;
  int pitch;  // of feature maps
  int levels_count;
  int radius;
  int side;             // integer positions along one axis, 2 radius + 2
  int positions;        // interpolated positions, (2 radius + 1)^2
  int patch;            // feature pixels of a template at one level, (2 support + 1)^2
  int support;          // feature pixels that a patch reaches from its centre
  int template_floats;  // a template as mote_template() gives it
  int state_floats;     // of a point in one frame
  int mixer_inputs;
  int mixer_outputs;  // for a point
  std::vector<Level> levels;
  int64_t slot_floats;

  // Feature pixels of the finest level from picture pixels, and back.
  float to_feature(float pixel) const { return pips ? pixel / stride : (pixel - 1.5F) / 4; }
  float to_pixel(float feature) const { return pips ? feature * stride : feature * 4 + 1.5F; }
  // Position at a level from the finest level's.
  float at_level(float feature, int level) const {
    const float scale = static_cast<float>(1 << level);
    return pips ? feature / scale : (feature - 0.5F * (scale - 1)) / scale;
  }

 private:
  float stride;
};

// Throws a Failure that names the field if the configuration is not one that the engine runs.
void check_config(const mote_config& config);

}  // namespace mote
