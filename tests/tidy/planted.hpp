#pragma once

// Read with planted.cpp.

#include <string>

namespace mailpod::planted {

struct wrongly_named {  // finds readability-identifier-naming
  std::string text;
};

wrongly_named take(std::string text);
std::string copied(const wrongly_named& from);

template <typename T>
bool is_there(const T* what) {
  return what != 0;  // finds modernize-use-nullptr
}

}  // namespace mailpod::planted
