// Templates of points and their correlation with the frames of a window.
#pragma once

#include "geometry.h"
#include "memory.h"

namespace mote {

// Feature maps of the ring: pyramids, and the number of the encoding that wrote each, which no two
// share.
struct Ring {
  const float* slot(int i) const { return maps.data() + i * floats; }
  int64_t floats = 0;
  Array<float> maps;
  Array<int64_t> version;
};

class Correlator {
 public:
  Correlator(const Kernels& kernels, Memory& memory, const mote_config& config,
             const Geometry& geometry, const Ring& ring);

  void sample(int slot, int count, const int32_t* templates, const float* xy);

  // values (levels, patch, features), as mote_template() gives them.
  void restore(int template_id, const float* values);

  // Rows that far apart keep their dot products in the same place: they must not run at once.
  int kept_rows() const { return kept_rows_; }

  // Floats of a position's dot products with a patch, and the template as vectors of them (mote).
  int lanes_count() const { return lanes_; }
  const float* lanes(int template_id, int level) const {
    return template_lanes_.data() + template_id * lanes_floats_ +
           static_cast<int64_t>(level) * geometry_.pitch * lanes_;
  }
  // A level of a slot.
  Correlation at(int slot, int level) const;

  // The template's finest-level centre feature: pitch floats.
  const float* centre(int template_id) const;
  // One pixel of a template: pitch floats.
  const float* pixel(int template_id, int level, int patch) const;

  // One point in all frames of a window. xy (window, 2) in feature pixels; feature (window, pitch)
  // replaces the template (pips). out: level l of frame s at out + s * out_row + l * level_step, as
  // (positions) for pips, (positions, patch) for mote. row: the point's place in the call, under
  // which dot products are kept. Rows less than kept_rows() apart may run at once.
  void correlate(const int32_t* slots, int row, int template_id, const float* xy,
                 const float* feature, float* out, int64_t out_row, int64_t level_step);

 private:
  // What kept dot products belong to.
  struct Key {
    int64_t template_version;
    int64_t slot_version;
    int32_t left;
    int32_t top;
  };

  void lay_lanes(int template_id);
  void sample_template(const float* slot, int template_id, float x, float y);
  const float* kept_dots(int row, int slot, int level, int template_id, int left, int top);
  void move_dots(const Correlation& level, const float* lanes, const Key& kept, int left, int top,
                 float* dots) const;

  const Kernels& kernels_;
  const Geometry& geometry_;
  const Ring& ring_;
  const float scale_;
  const int lanes_;
  const int64_t dots_floats_;
  int64_t template_floats_;
  int64_t lanes_floats_;
  int kept_rows_;
  int kept_slots_;
  int64_t version_ = 0;
  Array<float> templates_;
  Array<float> template_lanes_;  // mote: (template, level, pitch, lanes)
  Array<int64_t> template_version_;
  Array<float> dots_;
  Array<Key> keys_;
};

}  // namespace mote
