// Our own encoder: every stage is projected to the features' width, the sum at 1/4 resolution is
// normalised and convolved once more, and every pixel's feature is brought to unit length.
#include <algorithm>

#include "encoder.h"
#include "linear_layer.h"

namespace mote {
namespace {

BackboneShape backbone_shape(const mote_config& config) {
  BackboneShape shape;
  shape.height = config.height;
  shape.width = config.width;
  shape.stem = "enc.c1";
  shape.beside = "enc.p1";
  shape.beside_channels = config.features;
  std::copy(config.channels, config.channels + 4, shape.channels);
  shape.stages[0].push_back({"enc.l1.c1", "enc.l1.c2", ""});
  for (int stage = 1; stage < 4; stage++) {
    const std::string name = "enc.l" + std::to_string(stage + 1);
    shape.stages[stage].push_back({name + ".0.c1", name + ".0.c2", name + ".0.d.0"});
    shape.stages[stage].push_back({name + ".1.c1", name + ".1.c2", ""});
  }
  return shape;
}

class MoteEncoder : public Encoder {
 public:
  MoteEncoder(Context& context, const Tensors& tensors, const mote_config& config);
  void run(const float* picture, float* map) override;

 private:
  // A stage below 1/4 resolution: projected by a 1x1 convolution, then enlarged (which commutes).
  struct Coarse {
    LinearLayer project;  // a 1x1 convolution
    Map map;
    Array<float> memory;
    TapTable rows;
    TapTable columns;
  };

  const float* weights(const Tensors& tensors, const char* name, int in, int taps) const;

  Context* context_;
  int features_;
  Backbone backbone_;
  std::vector<Coarse> coarse_;
  Map sum_;
  Array<float> sum_memory_;
  Array<float> raw_memory_;
  Array<float> bias_;
  InstanceNorm norm_;
  std::optional<Conv3x3> project2_;
  std::optional<Conv3x3> last_;
};

const float* MoteEncoder::weights(const Tensors& tensors, const char* name, int in,
                                  int taps) const {
  return tensors.get(std::string(name) + ".weight", static_cast<int64_t>(features_) * in * taps);
}

MoteEncoder::MoteEncoder(Context& context, const Tensors& tensors, const mote_config& config)
    : context_(&context),
      features_(config.features),
      backbone_(context, tensors, backbone_shape(config)),
      norm_(context, config.features, true) {
  const Map& quarter = backbone_.stage(1);
  const int c = config.features;
  project2_.emplace(context, quarter.height, quarter.width, quarter.channels, c,
                    weights(tensors, "enc.p2", quarter.channels, 9));
  last_.emplace(context, quarter.height, quarter.width, c, c, weights(tensors, "enc.o", c, 9));
  sum_ = {nullptr, quarter.height, quarter.width, c, {}};
  sum_memory_ = Array<float>(context.memory, sum_.floats());
  sum_.data = sum_memory_.data();
  raw_memory_ = Array<float>(context.memory, sum_.floats());
  bias_ = Array<float>(context.memory, sum_.pitch());
  const float* bias = tensors.get("enc.o.bias", c);
  std::copy(bias, bias + c, bias_.data());
  for (int i = 2; i < 4; i++) {
    const Map& stage = backbone_.stage(i);
    Coarse coarse{LinearLayer(context, tensors, i == 2 ? "enc.p3" : "enc.p4", stage.channels, c),
                  {nullptr, stage.height, stage.width, c, {}},
                  {},
                  TapTable(context.memory, stage.height, sum_.height, false),
                  TapTable(context.memory, stage.width, sum_.width, false)};
    coarse.memory = Array<float>(context.memory, coarse.map.floats());
    coarse.map.data = coarse.memory.data();
    coarse_.push_back(std::move(coarse));
  }
}

// The biases of the 3x3 projections are not read: the instance norm of their sum subtracts them.
void MoteEncoder::run(const float* picture, float* map) {
  const Kernels& k = context_->kernels;
  backbone_.run(picture, sum_.data);
  for (size_t i = 0; i < coarse_.size(); i++) {
    const Coarse& coarse = coarse_[i];
    const Map& stage = backbone_.stage(static_cast<int>(i) + 2);
    coarse.project.run(static_cast<int>(stage.pixels()), stage.data, stage.pitch(), coarse.map.data,
                       coarse.map.pitch(), LinearLayer::After::kNothing);
    k.map_resize({.in = coarse.map.data,
                  .in_width = coarse.map.width,
                  .in_pitch = coarse.map.pitch(),
                  .channels = coarse.map.pitch(),
                  .rows = coarse.rows.taps(),
                  .columns = coarse.columns.taps(),
                  .out = sum_.data,
                  .height = sum_.height,
                  .width = sum_.width,
                  .out_pitch = sum_.pitch(),
                  .accumulate = true});
  }
  project2_->run(backbone_.stage(1), sum_.data, true, true);
  Map normed = sum_;
  normed.pending = norm_.finish(sum_.pixels());
  last_->run(normed, raw_memory_.data(), false, false);
  k.unit_length(raw_memory_.data(), bias_.data(), sum_.pixels(), sum_.pitch(), map);
}

}  // namespace

std::unique_ptr<Encoder> make_mote_encoder(Context& context, const Tensors& tensors,
                                           const mote_config& config) {
  return std::make_unique<MoteEncoder>(context, tensors, config);
}

}  // namespace mote
