#include "ptx.h"

#include <cctype>
#include <map>

#include "failure.h"

namespace mote::simt {
namespace {

constexpr const char* kPunctuation = ",;()[]{}@:";

// Words and single punctuation marks, without comments; text in quotes is one word.
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> all;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t begin = i;
    if (std::isspace(static_cast<unsigned char>(text[i]))) {
      i++;
      continue;
    }
    if (text.compare(i, 2, "//") == 0) {
      i = std::min(text.find('\n', i), text.size());
      continue;
    }
    if (text.compare(i, 2, "/*") == 0) {
      const std::size_t end = text.find("*/", i);
      i = end == std::string::npos ? text.size() : end + 2;
      continue;
    }
    if (text[i] == '"') {
      const std::size_t end = text.find('"', i + 1);
      i = end == std::string::npos ? text.size() : end + 1;
    } else if (std::string(kPunctuation).find(text[i]) != std::string::npos) {
      i++;
    } else {
      while (i < text.size() && !std::isspace(static_cast<unsigned char>(text[i])) &&
             std::string(kPunctuation).find(text[i]) == std::string::npos && text[i] != '"') {
        i++;
      }
    }
    all.push_back(text.substr(begin, i - begin));
  }
  return all;
}

std::size_t element_bytes(const std::string& type) {
  const std::size_t digits = type.find_first_of("0123456789");
  return digits == std::string::npos ? 0 : std::stoul(type.substr(digits)) / 8;
}

class Parser {
 public:
  explicit Parser(const std::string& text) : words_(words(text)) {}

  PtxModule parse() {
    while (at_ < words_.size()) {
      const std::string word = take();
      if (word == ".version") {
        const std::string version = take();
        const std::size_t point = version.find('.');
        module_.version = number(version.substr(0, point)) * 10 +
                          (point == std::string::npos ? 0 : number(version.substr(point + 1)));
      } else if (word == ".target") {
        const std::string target = take();
        module_.target = target.compare(0, 3, "sm_") == 0 ? number(target.substr(3)) : 0;
        module_.specific = target.back() == 'a';
      } else if (word == ".entry") {
        entry();
      } else if (word == ".shared") {
        const auto [name, bytes] = variable();
        shared_[name] = bytes;
      }
    }
    if (module_.version == 0 || module_.target == 0) {
      throw Failure(CUDA_ERROR_INVALID_PTX,
                    "image is no PTX text: version=" + std::to_string(module_.version) +
                        ", target=" + std::to_string(module_.target) +
                        "; give what the kernel compiler wrote");
    }
    return module_;
  }

 private:
  std::string take() { return at_ < words_.size() ? words_[at_++] : ""; }
  static int number(const std::string& text) {
    return text.empty() || !std::isdigit(static_cast<unsigned char>(text[0])) ? 0 : std::stoi(text);
  }

  // After .param or .shared: `.align 8 .b8 name[16]`; name and bytes.
  std::pair<std::string, std::size_t> variable() {
    std::size_t element = 0;
    std::string word = take();
    for (; !word.empty() && word[0] == '.'; word = take()) {
      if (word == ".align") {
        take();
      } else if (element_bytes(word) > 0) {
        element = element_bytes(word);
      }
    }
    std::size_t count = 1;
    while (at_ < words_.size() && words_[at_] == "[") {
      take();
      const std::string size = take();
      count *= size == "]" ? 0 : static_cast<std::size_t>(number(size));
      if (size != "]") {
        take();
      }
    }
    return {word, element * count};
  }

  void entry() {
    PtxEntry entry;
    entry.name = take();
    std::string word = take();
    if (word == "(") {
      for (word = take(); word != ")" && !word.empty(); word = take()) {
        if (word == ".param") {
          entry.parameter_bytes += variable().second;
        }
      }
      word = take();
    }
    for (; word != "{" && word != ";" && !word.empty(); word = take()) {
      if (word == ".reqnctapercluster") {
        entry.cluster = number(take());
        for (int axis = 0; axis < 2 && at_ < words_.size() && words_[at_] == ","; axis++) {
          take();
          if (number(take()) != 1) {
            throw Failure(CUDA_ERROR_NOT_SUPPORTED,
                          "the stand-in has clusters in x alone: kernel=" + entry.name +
                              "; give __cluster_dims__(n, 1, 1)");
          }
        }
      } else if (word == ".maxntid") {
        entry.most_threads = number(take());
        while (at_ < words_.size() && words_[at_] == ",") {
          take();
          entry.most_threads *= number(take());
        }
      }
    }
    for (int depth = word == "{"; depth > 0 && at_ < words_.size();) {
      word = take();
      depth += (word == "{") - (word == "}");
      if (word == ".shared") {
        entry.shared_bytes += variable().second;
      } else if (shared_.count(word = word.substr(0, word.find('+'))) > 0) {
        entry.shared_bytes += shared_[word];
        shared_.erase(word);  // once; arrays of the module belong to one kernel
      }
    }
    module_.entries.push_back(entry);
  }

  std::vector<std::string> words_;
  std::size_t at_ = 0;
  std::map<std::string, std::size_t> shared_;
  PtxModule module_;
};

}  // namespace

PtxModule parse_ptx(const std::string& text) { return Parser(text).parse(); }

}  // namespace mote::simt
