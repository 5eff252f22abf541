// Handles that callers hold are addresses of objects; whether one is alive, and of which kind, is
// looked up before it is used.
#pragma once

#include <typeindex>
#include <unordered_map>

#include "failure.h"

namespace mote::simt {

class Handles {
 public:
  static Handles& instance() {
    static auto& handles = *new Handles();
    return handles;
  }

  template <typename T>
  void add(T* object) {
    alive_.emplace(object, std::type_index(typeid(T)));
  }
  template <typename T>
  void remove(T* object) {
    alive_.erase(object);
  }
  template <typename T>
  bool alive(const void* handle) const {
    const auto found = alive_.find(handle);
    return found != alive_.end() && found->second == std::type_index(typeid(T));
  }
  // CUDA_ERROR_INVALID_HANDLE, or the status given, where the handle is of nothing that lives.
  template <typename T>
  T& get(const void* handle, CUresult status = CUDA_ERROR_INVALID_HANDLE) const {
    need(alive<T>(handle), status,
         "handle names nothing that lives; use it between creation and destruction");
    return *static_cast<T*>(const_cast<void*>(handle));
  }

 private:
  std::unordered_map<const void*, std::type_index> alive_;
};

// An object that callers know by a handle.
template <typename T>
class Handled {
 public:
  Handled() { Handles::instance().add(static_cast<T*>(this)); }
  ~Handled() { Handles::instance().remove(static_cast<T*>(this)); }
  Handled(const Handled&) = delete;
  Handled& operator=(const Handled&) = delete;
};

}  // namespace mote::simt
