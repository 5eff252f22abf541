// Sampling, correlation and the mixer's operations against plain loops in double.
#include <algorithm>
#include <cstring>

#include "check.h"
#include "tables.h"

namespace mote::test {
namespace {

constexpr int kHeight = 9;
constexpr int kWidth = 12;

double pixel_dot(Floats& map, int pitch, int y, int x, const float* feature) {
  double sum = 0;
  for (int c = 0; y >= 0 && y < kHeight && x >= 0 && x < kWidth && c < pitch; c++) {
    sum += static_cast<double>(map[(y * kWidth + x) * pitch + c]) * feature[c];
  }
  return sum;
}

void correlation(const Kernels& k, int radius, int patch) {
  const std::string name = std::string(k.name) + " correlation";
  const int pitch = 32;
  const int side = 2 * radius + 2;
  const int lanes = k.patch_lanes(patch);
  Floats map(static_cast<int64_t>(kHeight) * kWidth * pitch, 51);
  Floats templates(static_cast<int64_t>(pitch) * lanes);
  for (int c = 0; c < pitch; c++) {
    for (int t = 0; t < patch; t++) {
      templates[c * lanes + t] = value(5000 + c * patch + t);
    }
  }
  const Correlation level{map.data(), kHeight, kWidth, pitch, radius, 0.5F};
  Floats dots(static_cast<int64_t>(side) * side * lanes);
  Floats single(static_cast<int64_t>(side) * side);
  Floats feature(pitch);
  for (const auto& corner : {std::pair{2, 1}, {-4, -3}, {kWidth - 3, kHeight - 2}, {-50, 70}}) {
    const auto [left, top] = corner;
    // In two areas, as after a move.
    k.patch_dots(level, left, top, {0, side, 0, 3}, templates.data(), lanes, dots.data());
    k.patch_dots(level, left, top, {0, side, 3, side}, templates.data(), lanes, dots.data());
    for (int t = 0; t < patch; t++) {
      for (int c = 0; c < pitch; c++) {
        feature[c] = templates[c * lanes + t];
      }
      k.dots(level, left, top, feature.data(), single.data());
      for (int i = 0; i < side * side; i++) {
        const double expected =
            0.5 * pixel_dot(map, pitch, top + i / side, left + i % side, feature.data());
        check_close(dots[i * lanes + t], expected, 1e-5, name + " patch");
        check_close(single[i], expected, 1e-5, name + " single");
      }
    }
  }
  const int positions = side - 1;
  Floats out(static_cast<int64_t>(positions) * positions * patch + lanes);
  Floats plain(static_cast<int64_t>(positions) * positions);
  k.patch_interpolate(dots.data(), lanes, patch, radius, 0.25F, 0.75F, out.data());
  k.interpolate(single.data(), radius, 0.25F, 0.75F, true, plain.data());
  for (int y = 0; y < positions; y++) {
    for (int x = 0; x < positions; x++) {
      const auto at = [&](int dy, int dx) {
        return dots[((y + dy) * side + x + dx) * lanes + patch - 1];
      };
      const double expected =
          0.25 * (0.75 * at(0, 0) + 0.25 * at(0, 1)) + 0.75 * (0.75 * at(1, 0) + 0.25 * at(1, 1));
      check_close(out[(y * positions + x) * patch + patch - 1], expected, 1e-5, name + " between");
      check_close(plain[x * positions + y], expected, 1e-5, name + " transposed");
    }
  }
}

void sampling(const Kernels& k) {
  Floats map(static_cast<int64_t>(kHeight) * kWidth * 16, 61);
  Floats out(16);
  for (const auto& at : {std::pair{3.25F, 4.5F}, {-7.0F, 2.75F}, {100.0F, 1e30F}, {11.0F, 8.0F}}) {
    const double x = std::clamp<double>(at.first, 0, kWidth - 1);
    const double y = std::clamp<double>(at.second, 0, kHeight - 1);
    const int x0 = std::min(static_cast<int>(x), kWidth - 2);
    const int y0 = std::min(static_cast<int>(y), kHeight - 2);
    k.sample(map.data(), kHeight, kWidth, 16, at.first, at.second, out.data());
    for (int c = 0; c < 16; c++) {
      const auto pixel = [&](int dy, int dx) {
        return static_cast<double>(map[((y0 + dy) * kWidth + x0 + dx) * 16 + c]);
      };
      const double fx = x - x0;
      const double fy = y - y0;
      check_close(out[c],
                  (1 - fy) * ((1 - fx) * pixel(0, 0) + fx * pixel(0, 1)) +
                      fy * ((1 - fx) * pixel(1, 0) + fx * pixel(1, 1)),
                  1e-5, std::string(k.name) + " sample");
    }
  }
}

double exact_gelu(double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); }

void linear(const Kernels& k, int rows, int depth, int columns, bool gelu, bool add) {
  const int64_t in_row = row_of(depth);
  const int64_t out_row = columns + 3;
  Floats in(rows * in_row, 71);
  Floats weights(static_cast<int64_t>(columns) * depth, 72);
  Floats bias(k.linear_bias(columns));
  for (int n = 0; n < columns; n++) {
    bias[n] = value(900 + n);
  }
  Floats packed(k.linear_weights(depth, columns));
  k.pack_linear(weights.data(), depth, columns, packed.data());
  Floats out(rows * out_row, 73);
  Floats before = out;
  k.linear({in.data(), rows, depth, in_row, packed.data(), bias.data(), columns, out.data(),
            out_row, gelu, add});
  for (int m = 0; m < rows; m++) {
    for (int n = 0; n < columns; n++) {
      double sum = bias[n];
      for (int i = 0; i < depth; i++) {
        sum += static_cast<double>(in[m * in_row + i]) * weights[n * depth + i];
      }
      sum = (gelu ? exact_gelu(sum) : sum) + (add ? before[m * out_row + n] : 0);
      check_close(out[m * out_row + n], sum, 1e-4, std::string(k.name) + " linear");
    }
    for (int64_t n = columns; n < out_row; n++) {
      check_close(out[m * out_row + n], before[m * out_row + n], 0,
                  std::string(k.name) + " linear writes past its columns");
    }
  }
}

std::vector<double> normalised(float* row, int width, Floats& weight, Floats& bias) {
  double mean = 0;
  double variance = 0;
  for (int i = 0; i < width; i++) {
    mean += row[i] / static_cast<double>(width);
  }
  for (int i = 0; i < width; i++) {
    variance += std::pow(row[i] - mean, 2) / width;
  }
  std::vector<double> out;
  for (int i = 0; i < width; i++) {
    out.push_back((row[i] - mean) / std::sqrt(variance + 1e-5) * weight[i] + bias[i]);
  }
  return out;
}

void mixing(const Kernels& k, int width, int hidden) {
  const int window = 8;
  const int points = 3;
  Floats x(static_cast<int64_t>(points) * window * width, 81);
  Floats before = x;
  Floats weight(width + 16, 82);
  Floats bias(width + 16, 83);
  Floats w1(static_cast<int64_t>(hidden) * window, 84);
  Floats b1(hidden, 85);
  Floats w2(static_cast<int64_t>(hidden) * window, 86);
  Floats b2(window, 87);
  k.token_mixing({points, window, width, hidden, weight.data(), bias.data(), w1.data(), b1.data(),
                  w2.data(), b2.data(), x.data()});
  for (int point = 0; point < points; point++) {
    std::vector<std::vector<double>> rows;
    for (int s = 0; s < window; s++) {
      rows.push_back(normalised(before.data() + (point * window + s) * width, width, weight, bias));
    }
    for (int c = 0; c < width; c++) {
      std::vector<double> middle;
      for (int h = 0; h < hidden; h++) {
        double sum = b1[h];
        for (int s = 0; s < window; s++) {
          sum += w1[h * window + s] * rows[static_cast<size_t>(s)][static_cast<size_t>(c)];
        }
        middle.push_back(exact_gelu(sum));
      }
      for (int s = 0; s < window; s++) {
        const int64_t at = (static_cast<int64_t>(point) * window + s) * width + c;
        double sum = before[at] + b2[s];
        for (int h = 0; h < hidden; h++) {
          sum += w2[s * hidden + h] * middle[static_cast<size_t>(h)];
        }
        check_close(x[at], sum, 1e-4, std::string(k.name) + " token mixing");
      }
    }
  }
  Floats out(width);
  std::vector<uint16_t> low(static_cast<size_t>(width));
  k.layer_norm(before.data(), 1, width, width, weight.data(), bias.data(), out.data(), width);
  k.layer_norm_bf16(before.data(), 1, width, width, weight.data(), bias.data(), low.data(), width);
  const std::vector<double> expected = normalised(before.data(), width, weight, bias);
  for (int c = 0; c < width; c++) {
    const auto index = static_cast<size_t>(c);
    check_close(out[c], expected[index], 1e-5, std::string(k.name) + " layer norm");
    const uint32_t bits = static_cast<uint32_t>(low[index]) << 16;
    float read = 0;
    std::memcpy(&read, &bits, sizeof read);
    check_close(read, expected[index], std::abs(expected[index]) / 256 + 1e-5,
                std::string(k.name) + " layer norm bf16");
  }
}

void sines(const Kernels& k) {
  Floats frequencies(32);
  for (int i = 0; i < 32; i++) {
    frequencies[i] = 31.25F * static_cast<float>(i);
  }
  Floats out(64);
  for (const double distance : {0.0, 0.37, -91.125, 103.0, 1e3}) {
    k.sines(distance, frequencies.data(), 32, out.data(), out.data() + 1, 2);
    for (int i = 0; i < 32; i++) {
      check_close(out[2 * i], std::sin(distance * frequencies[i]), 1e-6,
                  std::string(k.name) + " sine");
      check_close(out[2 * i + 1], std::cos(distance * frequencies[i]), 1e-6,
                  std::string(k.name) + " cosine");
    }
  }
}

}  // namespace

void test_points(const Kernels& k) {
  correlation(k, 3, 9);
  correlation(k, 2, 1);
  correlation(k, 4, 25);
  sampling(k);
  for (const int rows : {1, 5, 6, 7, 13, 14, 15, 113}) {
    linear(k, rows, 7, 4, false, false);
    linear(k, rows, 64, 13, true, true);
    linear(k, rows, 129, 48, true, false);
  }
  linear(k, 3, 1, 100, false, true);
  mixing(k, 8, 8);
  mixing(k, 40, 32);
  mixing(k, 72, 8);
  sines(k);
}

}  // namespace mote::test
