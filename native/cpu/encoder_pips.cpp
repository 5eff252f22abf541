// The published encoder: the four stages are resized bilinearly to the feature map's size (corners
// aligned), joined, and reduced by conv2 (3x3), instance norm, conv3 (1x1).
//
// conv2 over the joined stages is a sum of one convolution per stage. Stages that are much smaller
// than the feature map are multiplied at their own resolution (EnlargedConv): for the published
// model at stride 4 that is a quarter and a sixteenth of the products for 256 of the 416 channels.
#include <cstring>

#include "encoder.h"
#include "linear_layer.h"

namespace mote {
namespace {

std::string layer(int stage, int block) {
  return "fnet.layer" + std::to_string(stage + 1) + "." + std::to_string(block);
}

BackboneShape backbone_shape(const mote_config& config) {
  BackboneShape shape;
  shape.height = config.height;
  shape.width = config.width;
  shape.stem = "fnet.conv1";
  for (int stage = 0; stage < 4; stage++) {
    shape.channels[stage] = config.channels[stage];
    for (int block = 0; block < 2; block++) {
      const std::string name = layer(stage, block);
      shape.stages[stage].push_back({name + ".conv1", name + ".conv2",
                                     stage > 0 && block == 0 ? name + ".downsample.0" : ""});
    }
  }
  return shape;
}

// conv2's weights (out, all, 3, 3) for `count` channels from `first`, appended to each output's row
// of (out, in, 3, 3) at channel `at`.
void copy_channels(const float* weights, int out, int all, int first, int count, float* to, int in,
                   int at) {
  for (int o = 0; o < out; o++) {
    std::memcpy(to + (static_cast<int64_t>(o) * in + at) * 9,
                weights + (static_cast<int64_t>(o) * all + first) * 9,
                static_cast<size_t>(count) * 9 * sizeof(float));
  }
}

class PipsEncoder : public Encoder {
 public:
  PipsEncoder(Context& context, const Tensors& tensors, const mote_config& config);
  void run(const float* picture, float* map) override;

 private:
  struct Part {
    int stage;
    TapTable rows;
    TapTable columns;
    int offset = 0;        // resized: first channel in the joined map
    Array<float> weights;  // enlarged
  };

  void enlarge(const Part& part, bool accumulate);
  void join(const Part& part);
  static bool pays_to_enlarge(const Map& stage, const Map& features);

  Context* context_;
  const int map_pitch_;
  Backbone backbone_;
  std::vector<Part> enlarged_;
  std::vector<Part> resized_;
  Map joined_;
  Array<float> joined_memory_;
  Map neck_;
  Array<float> neck_memory_;
  Array<float> normed_memory_;
  std::optional<Conv3x3> conv2_;
  InstanceNorm norm2_;
  std::optional<LinearLayer> conv3_;  // 1x1
};

// Nine products at the low resolution against Winograd's four at the full one, and the resampling.
bool PipsEncoder::pays_to_enlarge(const Map& stage, const Map& features) {
  return stage.height < features.height && stage.width < features.width &&
         stage.pixels() * 3 <= features.pixels();
}

PipsEncoder::PipsEncoder(Context& context, const Tensors& tensors, const mote_config& config)
    : context_(&context),
      map_pitch_(pitch_of(config.features)),
      backbone_(context, tensors, backbone_shape(config)),
      norm2_(context, config.neck, true) {
  const Kernels& k = context.kernels;
  neck_ = {nullptr, config.height / config.stride, config.width / config.stride, config.neck, {}};
  int all = 0;
  int joined = 0;
  int first[4];
  for (int i = 0; i < 4; i++) {
    first[i] = all;
    all += config.channels[i];
    const Map& stage = backbone_.stage(i);
    Part part;
    part.stage = i;
    part.rows = TapTable(context.memory, stage.height, neck_.height, true);
    part.columns = TapTable(context.memory, stage.width, neck_.width, true);
    if (pays_to_enlarge(stage, neck_)) {
      enlarged_.push_back(std::move(part));
    } else {
      part.offset = joined;
      joined += stage.pitch();
      resized_.push_back(std::move(part));
    }
  }
  const float* weights =
      tensors.get("fnet.conv2.weight", static_cast<int64_t>(config.neck) * all * 9);
  for (Part& part : enlarged_) {
    const Map& stage = backbone_.stage(part.stage);
    std::vector<float> own(static_cast<size_t>(config.neck) * stage.channels * 9);
    copy_channels(weights, config.neck, all, first[part.stage], stage.channels, own.data(),
                  stage.channels, 0);
    part.weights = Array<float>(context.memory, k.enlarged_weights(stage.pitch(), neck_.pitch()));
    k.pack_enlarged(own.data(), stage.channels, config.neck, part.weights.data());
    context.reserve_workspace(k.enlarged_workspace(stage.width, stage.pitch()));
  }
  std::vector<float> own(static_cast<size_t>(config.neck) * joined * 9);
  for (const Part& part : resized_) {
    copy_channels(weights, config.neck, all, first[part.stage], config.channels[part.stage],
                  own.data(), joined, part.offset);
  }
  conv2_.emplace(context, neck_.height, neck_.width, joined, config.neck, own.data());
  joined_ = {nullptr, neck_.height, neck_.width, joined, {}};
  joined_memory_ = Array<float>(context.memory, joined_.floats());
  joined_.data = joined_memory_.data();
  neck_memory_ = Array<float>(context.memory, neck_.floats());
  neck_.data = neck_memory_.data();
  normed_memory_ = Array<float>(context.memory, neck_.floats());
  conv3_.emplace(context, tensors, "fnet.conv3", config.neck, config.features);
}

void PipsEncoder::enlarge(const Part& part, bool accumulate) {
  const Map& stage = backbone_.stage(part.stage);
  context_->kernels.enlarged({.in = stage.data,
                              .in_height = stage.height,
                              .in_width = stage.width,
                              .in_pitch = stage.pitch(),
                              .depth = stage.channels,
                              .rows = part.rows.taps(),
                              .columns = part.columns.taps(),
                              .weights = part.weights.data(),
                              .out = neck_.data,
                              .height = neck_.height,
                              .width = neck_.width,
                              .out_pitch = neck_.pitch(),
                              .accumulate = accumulate,
                              .workspace = context_->workspace(),
                              .workspace_stride = context_->workspace_stride()});
}

void PipsEncoder::join(const Part& part) {
  const Map& stage = backbone_.stage(part.stage);
  context_->kernels.map_resize({.in = stage.data,
                                .in_width = stage.width,
                                .in_pitch = stage.pitch(),
                                .channels = stage.pitch(),
                                .rows = part.rows.taps(),
                                .columns = part.columns.taps(),
                                .out = joined_.data + part.offset,
                                .height = joined_.height,
                                .width = joined_.width,
                                .out_pitch = joined_.pitch(),
                                .accumulate = false});
}

void PipsEncoder::run(const float* picture, float* map) {
  backbone_.run(picture, nullptr);
  for (size_t i = 0; i < enlarged_.size(); i++) {
    enlarge(enlarged_[i], i > 0);
  }
  for (const Part& part : resized_) {
    join(part);
  }
  conv2_->run(joined_, neck_.data, !enlarged_.empty(), true);
  context_->kernels.apply(neck_.data, neck_.pixels(), neck_.pitch(), norm2_.finish(neck_.pixels()),
                          normed_memory_.data());
  conv3_->run(static_cast<int>(neck_.pixels()), normed_memory_.data(), neck_.pitch(), map,
              map_pitch_, LinearLayer::After::kNothing);
}

}  // namespace

std::unique_ptr<Encoder> make_pips_encoder(Context& context, const Tensors& tensors,
                                           const mote_config& config) {
  return std::make_unique<PipsEncoder>(context, tensors, config);
}

}  // namespace mote
