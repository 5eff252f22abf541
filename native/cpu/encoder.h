// From a picture to its feature map.
#pragma once

#include <memory>

#include "../include/mote.h"
#include "backbone.h"

namespace mote {

class Encoder {
 public:
  virtual ~Encoder() = default;
  // picture: (height + 6, width + 6, 3) floats in [-1, 1] with a zero border of 3; map: the feature
  // map, (h, w, pitch of the features).
  virtual void run(const float* picture, float* map) = 0;
};

std::unique_ptr<Encoder> make_pips_encoder(Context& context, const Tensors& tensors,
                                           const mote_config& config);
std::unique_ptr<Encoder> make_mote_encoder(Context& context, const Tensors& tensors,
                                           const mote_config& config);

}  // namespace mote
