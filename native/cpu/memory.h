// Memory of an engine: aligned, zeroed and resident at open, counted, freed by its one owner.
#pragma once

#include <cstdint>
#include <utility>

namespace mote {

// Counts what an engine holds.
struct Memory {
  int64_t bytes = 0;
};

// Aligned and zeroed; large blocks on huge pages where the system gives them. Throws std::bad_alloc
// where the machine has not that much memory available.
void* allocate(int64_t bytes);
void release(void* block, int64_t bytes);

template <class T>
class Array {
 public:
  Array() = default;
  Array(Memory& memory, int64_t count) : bytes_(count * static_cast<int64_t>(sizeof(T))) {
    data_ = static_cast<T*>(allocate(bytes_));
    memory.bytes += bytes_;
  }
  Array(Array&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  Array& operator=(Array&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Array() { release(data_, bytes_); }

  T* data() const { return data_; }
  T& operator[](int64_t i) const { return data_[i]; }
  int64_t count() const { return bytes_ / static_cast<int64_t>(sizeof(T)); }

 private:
  T* data_ = nullptr;
  int64_t bytes_ = 0;
};

}  // namespace mote
