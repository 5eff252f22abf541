// Convolutions, resampling and norms of every instruction set against plain loops in double.
#include <algorithm>

#include "../cpu/kernels.h"
#include "check.h"
#include "tables.h"

namespace mote::test {
namespace {

// A float32 sum of a few hundred products of the order of 1, and Winograd's transforms.
constexpr double kTolerance = 2e-4;

struct Image {
  int height, width, channels;
  Floats data;
  Image(int h, int w, int c, int64_t seed)
      : height(h), width(w), channels(c), data(static_cast<int64_t>(h) * w * pitch_of(c)) {
    for (int64_t pixel = 0; pixel < static_cast<int64_t>(h) * w; pixel++) {
      for (int k = 0; seed >= 0 && k < c; k++) {
        data[pixel * pitch_of(c) + k] = value(seed * 7777 + pixel * c + k);
      }
    }
  }
  float& at(int y, int x, int c) {
    return data[(static_cast<int64_t>(y) * width + x) * pitch_of(channels) + c];
  }
  double or_zero(int y, int x, int c) {
    return y < 0 || y >= height || x < 0 || x >= width ? 0 : at(y, x, c);
  }
};

// 3x3 around (y, x), zero padding.
double convolve(Image& in, Floats& weights, int o, int y, int x) {
  double sum = 0;
  for (int c = 0; c < in.channels; c++) {
    for (int tap = 0; tap < 9; tap++) {
      sum += in.or_zero(y + tap / 3 - 1, x + tap % 3 - 1, c) *
             weights[(static_cast<int64_t>(o) * in.channels + c) * 9 + tap];
    }
  }
  return sum;
}

void check_sums(const Sums& sums, Image& out, const std::string& name) {
  const int pitch = pitch_of(out.channels);
  for (int c = 0; c < out.channels; c++) {
    double sum = 0;
    double squares = 0;
    for (int part = 0; part < sums.count; part++) {
      sum += sums.parts[(2 * part) * pitch + c];
      squares += sums.parts[(2 * part + 1) * pitch + c];
    }
    double expected = 0;
    double expected_squares = 0;
    for (int y = 0; y < out.height; y++) {
      for (int x = 0; x < out.width; x++) {
        expected += out.at(y, x, c);
        expected_squares += static_cast<double>(out.at(y, x, c)) * out.at(y, x, c);
      }
    }
    check_close(sum, expected, 1e-5 * (10 + static_cast<double>(out.height) * out.width),
                name + " sum");
    check_close(squares, expected_squares, 1e-5 * (1 + expected_squares), name + " squares");
  }
}

void winograd(const Kernels& k, int height, int width, int in, int out, bool norm, bool add) {
  const std::string name = std::string(k.name) + " winograd " + std::to_string(height) + "x" +
                           std::to_string(width) + " " + std::to_string(in) + "->" +
                           std::to_string(out) + (norm ? " norm" : "") + (add ? " add" : "");
  Image source(height, width, in, 3);
  Image target(height, width, out, 5);
  Image before = target;
  Floats weights(static_cast<int64_t>(in) * out * 9, 7);
  Floats scale(pitch_of(in), 8);
  Floats shift(pitch_of(in), 9);
  Floats packed(k.winograd_weights(pitch_of(in), pitch_of(out)));
  k.pack_winograd(weights.data(), in, out, packed.data());
  const int64_t stride = k.winograd_workspace(pitch_of(in), pitch_of(out));
  Floats workspace(stride * threads());
  std::vector<double> parts(static_cast<size_t>(k.winograd_parts(height, width, threads())) * 2 *
                            pitch_of(out));
  Sums sums{parts.data(), 0};
  k.winograd({source.data.data(), height, width, pitch_of(in), in,
              norm ? Affine{scale.data(), shift.data(), true} : Affine{}, packed.data(),
              pitch_of(out), target.data.data(), add, &sums, workspace.data(), stride});
  for (int64_t i = 0; norm && i < static_cast<int64_t>(height) * width * pitch_of(in); i++) {
    const int64_t c = i % pitch_of(in);
    source.data[i] = c < in ? std::max(source.data[i] * scale[c] + shift[c], 0.0F) : 0;
  }
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      for (int o = 0; o < out; o++) {
        const double expected = convolve(source, weights, o, y, x) + (add ? before.at(y, x, o) : 0);
        check_close(target.at(y, x, o), expected, kTolerance, name);
      }
    }
  }
  check_sums(sums, target, name);
}

void stem(const Kernels& k, int height, int width, int out) {
  const std::string name =
      std::string(k.name) + " stem " + std::to_string(height) + "x" + std::to_string(width);
  Floats picture(static_cast<int64_t>(height + 6) * (width + 6) * 3, 11);
  Floats weights(static_cast<int64_t>(out) * 147, 12);
  Floats packed(k.stem_weights(pitch_of(out)));
  k.pack_stem(weights.data(), out, packed.data());
  Image target((height + 1) / 2, (width + 1) / 2, out, -1);
  const int64_t stride = k.stem_workspace(pitch_of(out));
  Floats workspace(stride * threads());
  std::vector<double> parts(static_cast<size_t>(k.stem_parts(height, width)) * 2 * pitch_of(out));
  Sums sums{parts.data(), 0};
  k.stem({picture.data(), height, width, packed.data(), pitch_of(out), target.data.data(), &sums,
          workspace.data(), stride});
  for (int y = 0; y < target.height; y++) {
    for (int x = 0; x < target.width; x++) {
      for (int o = 0; o < out; o++) {
        double sum = 0;
        for (int i = 0; i < 147; i++) {
          const int channel = i / 49;
          const int64_t at =
              (static_cast<int64_t>(2 * y + i % 49 / 7) * (width + 6) + 2 * x + i % 7);
          sum += static_cast<double>(picture[at * 3 + channel]) * weights[o * 147 + i];
        }
        check_close(target.at(y, x, o), sum, kTolerance, name);
      }
    }
  }
  check_sums(sums, target, name);
}

struct Axis {
  std::vector<int32_t> at0, at1;
  std::vector<float> w0, w1;
  Axis(int in, int out) {
    for (int i = 0; i < out; i++) {
      const double at = out > 1 ? i * (in - 1.0) / (out - 1) : 0;
      at0.push_back(static_cast<int32_t>(at));
      at1.push_back(std::min(at0.back() + 1, in - 1));
      w1.push_back(static_cast<float>(at - at0.back()));
      w0.push_back(1 - w1.back());
    }
  }
  Taps taps() const { return {at0.data(), at1.data(), w0.data(), w1.data()}; }
};

Image enlarge(const Kernels& k, Image& in, const Axis& rows, const Axis& columns) {
  Image out(static_cast<int>(rows.at0.size()), static_cast<int>(columns.at0.size()), in.channels,
            -1);
  k.map_resize({in.data.data(), in.width, pitch_of(in.channels), pitch_of(in.channels), rows.taps(),
                columns.taps(), out.data.data(), out.height, out.width, pitch_of(in.channels),
                false});
  for (int y = 0; y < out.height; y++) {
    for (int x = 0; x < out.width; x++) {
      const auto row = static_cast<size_t>(y);
      const auto column = static_cast<size_t>(x);
      for (int c = 0; c < in.channels; c++) {
        const double top = columns.w0[column] * in.at(rows.at0[row], columns.at0[column], c) +
                           columns.w1[column] * in.at(rows.at0[row], columns.at1[column], c);
        const double bottom = columns.w0[column] * in.at(rows.at1[row], columns.at0[column], c) +
                              columns.w1[column] * in.at(rows.at1[row], columns.at1[column], c);
        check_close(out.at(y, x, c), rows.w0[row] * top + rows.w1[row] * bottom, 1e-5,
                    std::string(k.name) + " map_resize");
      }
    }
  }
  return out;
}

void enlarged(const Kernels& k, int low_height, int low_width, int height, int width, int in,
              int out, bool add) {
  const std::string name = std::string(k.name) + " enlarged " + std::to_string(low_height) + "x" +
                           std::to_string(low_width);
  Image low(low_height, low_width, in, 21);
  Image target(height, width, out, 22);
  Image before = target;
  const Axis rows(low_height, height);
  const Axis columns(low_width, width);
  Floats weights(static_cast<int64_t>(in) * out * 9, 23);
  Floats packed(k.enlarged_weights(pitch_of(in), pitch_of(out)));
  k.pack_enlarged(weights.data(), in, out, packed.data());
  const int64_t stride = k.enlarged_workspace(low_width, pitch_of(in));
  Floats workspace(stride * threads());
  k.enlarged({low.data.data(), low_height, low_width, pitch_of(in), in, rows.taps(), columns.taps(),
              packed.data(), target.data.data(), height, width, pitch_of(out), add,
              workspace.data(), stride});
  Image high = enlarge(k, low, rows, columns);
  for (int y = 0; y < height; y++) {
    for (int x = 0; x < width; x++) {
      for (int o = 0; o < out; o++) {
        check_close(target.at(y, x, o),
                    convolve(high, weights, o, y, x) + (add ? before.at(y, x, o) : 0), kTolerance,
                    name);
      }
    }
  }
}

// All readers of one map: conv1, downsample and a third one, of a finished map or of the unfinished
// end of a residual block.
void strided(const Kernels& k, int height, int width, int in, int out, bool unfinished) {
  const std::string name = std::string(k.name) + " strided " + std::to_string(height) + "x" +
                           std::to_string(width) + " " + std::to_string(in) + "->" +
                           std::to_string(out) + (unfinished ? " unfinished" : "");
  Image source(height, width, in, 51);
  Image plus(height, width, in, 52);
  Floats factors(4 * static_cast<int64_t>(pitch_of(in)), 53);
  const float* f = factors.data();
  const Affine before{f, f + pitch_of(in), true};
  const Affine after{f + 2 * pitch_of(in), f + 3 * pitch_of(in), true};
  Image targets[3] = {{(height + 1) / 2, (width + 1) / 2, out, 54},
                      {(height + 1) / 2, (width + 1) / 2, out, 55},
                      {(height + 1) / 2, (width + 1) / 2, 2 * out, 56}};
  Floats weights[3] = {Floats(static_cast<int64_t>(in) * out * 9, 57),
                       Floats(static_cast<int64_t>(in) * out, 58),
                       Floats(static_cast<int64_t>(in) * out * 18, 59)};
  std::vector<Floats> packed;
  packed.reserve(3);  // outputs point into it
  std::vector<StridedOutput> outputs;
  const auto parts_count = static_cast<size_t>(k.strided_parts(height, width)) * 2 * pitch_of(out);
  std::vector<double> parts[2] = {std::vector<double>(parts_count),
                                  std::vector<double>(parts_count)};
  Sums sums[2] = {{parts[0].data(), 0}, {parts[1].data(), 0}};
  for (int i = 0; i < 3; i++) {
    const int kernel = i == 1 ? 1 : 3;
    const int channels = targets[i].channels;
    packed.emplace_back(k.strided_weights(kernel, in, pitch_of(channels)));
    k.pack_strided(weights[i].data(), kernel, in, channels, packed.back().data());
    outputs.push_back({kernel, packed.back().data(), pitch_of(channels), targets[i].data.data(),
                       i < 2 ? &sums[i] : nullptr});
  }
  const int64_t stride = k.strided_workspace(pitch_of(in));
  Floats workspace(stride * threads());
  k.strided({source.data.data(), height, width, pitch_of(in), in, unfinished ? before : Affine{},
             unfinished ? plus.data.data() : nullptr, unfinished ? after : Affine{}, outputs.data(),
             3, workspace.data(), stride});
  for (int64_t i = 0; unfinished && i < source.data.count(); i++) {
    const int64_t c = i % pitch_of(in);
    const float x = std::max(source.data[i] * before.scale[c] + before.shift[c], 0.0F);
    const float y = std::max(plus.data[i] * after.scale[c] + after.shift[c], 0.0F);
    source.data[i] = c < in ? x + y : 0;
  }
  for (int i = 0; i < 3; i++) {
    for (int y = 0; y < targets[i].height; y++) {
      for (int x = 0; x < targets[i].width; x++) {
        for (int o = 0; o < targets[i].channels; o++) {
          double expected = 0;
          for (int c = 0; i == 1 && c < in; c++) {
            expected += static_cast<double>(source.at(2 * y, 2 * x, c)) * weights[1][o * in + c];
          }
          check_close(targets[i].at(y, x, o),
                      i == 1 ? expected : convolve(source, weights[i], o, 2 * y, 2 * x), kTolerance,
                      name);
        }
      }
    }
    if (i < 2) {
      check_sums(sums[i], targets[i], name);
    }
  }
}

// A channel whose mean is large against its deviation keeps its variance: a 1x1 convolution with
// one weight of 1 passes the channel through.
void variance(const Kernels& k) {
  const std::string name = std::string(k.name) + " variance";
  Image in(74, 82, 16, 31);
  for (int64_t i = 0; i < in.data.count(); i++) {
    in.data[i] += 1000;
  }
  Floats weights(16 * 16);
  for (int c = 0; c < 16; c++) {
    weights[c * 16 + c] = 1;
  }
  Floats packed(k.strided_weights(1, 16, 16));
  k.pack_strided(weights.data(), 1, 16, 16, packed.data());
  Image out(37, 41, 16, -1);
  std::vector<double> parts(static_cast<size_t>(k.strided_parts(74, 82)) * 32);
  Sums sums{parts.data(), 0};
  const StridedOutput output{1, packed.data(), 16, out.data.data(), &sums};
  const int64_t stride = k.strided_workspace(16);
  Floats workspace(stride * threads());
  k.strided(
      {in.data.data(), 74, 82, 16, 16, {}, nullptr, {}, &output, 1, workspace.data(), stride});
  const double n = 37 * 41;
  double sum = 0;
  double squares = 0;
  double mean = 0;
  double expected = 0;
  for (int part = 0; part < sums.count; part++) {
    sum += sums.parts[part * 32];
    squares += sums.parts[part * 32 + 16];
  }
  for (int64_t i = 0; i < 37 * 41; i++) {
    mean += out.data[i * 16] / n;
  }
  for (int64_t i = 0; i < 37 * 41; i++) {
    expected += std::pow(out.data[i * 16] - mean, 2) / n;
  }
  check_close(squares / n - sum / n * sum / n, expected, 1e-5, name);
}

void norms(const Kernels& k) {
  const std::string name = std::string(k.name) + " norm";
  Image in(37, 41, 24, 31);
  const int64_t pixels = static_cast<int64_t>(in.height) * in.width;
  Image other(37, 41, 24, 32);
  Floats scale(32, 33);
  Floats shift(32, 34);
  Image out(37, 41, 24, -1);
  const Affine affine{scale.data(), shift.data(), true};
  k.residual(other.data.data(), Affine{}, in.data.data(), affine, pixels, 32, out.data.data());
  for (int64_t i = 0; i < pixels * 32; i++) {
    const double y = std::max(0.0F, in.data[i] * scale[i % 32] + shift[i % 32]);
    check_close(out.data[i], std::max(0.0, other.data[i] + y), 1e-3, name + " residual");
  }
  Floats bias(32);
  k.unit_length(other.data.data(), bias.data(), pixels, 32, out.data.data());
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    double length = 0;
    for (int c = 0; c < 24; c++) {
      length += std::pow(out.data[pixel * 32 + c], 2);
    }
    check_close(length, 1, 1e-5, name + " unit length");
  }
}

void pool(const Kernels& k, int height, int width, bool ceil) {
  Image in(height, width, 8, 41);
  Image out(ceil ? (height + 1) / 2 : height / 2, ceil ? (width + 1) / 2 : width / 2, 8, -1);
  k.pool(in.data.data(), height, width, 16, ceil, out.data.data());
  for (int y = 0; y < out.height; y++) {
    for (int x = 0; x < out.width; x++) {
      double sum = 0;
      int count = 0;
      for (int i = 0; i < 4; i++) {
        if (2 * y + i / 2 < height && 2 * x + i % 2 < width) {
          sum += in.at(2 * y + i / 2, 2 * x + i % 2, 3);
          count++;
        }
      }
      check_close(out.at(y, x, 3), sum / count, 1e-6, std::string(k.name) + " pool");
    }
  }
}

}  // namespace

void test_convolutions(const Kernels& k) {
  const int sizes[][2] = {{1, 1}, {3, 5}, {4, 4}, {5, 8}, {13, 17}, {31, 45}};
  for (const auto& size : sizes) {
    winograd(k, size[0], size[1], 24, 40, true, false);
    winograd(k, size[0], size[1], 8, 16, false, true);
  }
  winograd(k, 30, 61, 40, 136, true, true);
  stem(k, 32, 32, 24);
  stem(k, 7, 251, 8);
  for (const auto& size : sizes) {
    strided(k, size[0], size[1], 24, 40, false);
    strided(k, size[0], size[1], 8, 16, true);
  }
  strided(k, 30, 121, 40, 72, true);
  variance(k);
  enlarged(k, 6, 9, 12, 17, 24, 72, false);
  enlarged(k, 5, 5, 33, 19, 8, 16, true);
  enlarged(k, 1, 2, 40, 7, 16, 8, false);
  norms(k);
  for (const bool ceil : {false, true}) {
    pool(k, 7, 10, ceil);
    pool(k, 8, 5, ceil);
  }
}

}  // namespace mote::test
