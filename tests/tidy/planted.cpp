// What tests/tidy.py has to find before its silence counts: in a source, in a header, in a template, in what is at the
// top and what is deep inside, by looking at declarations, at the flow of a function and at what the preprocessor sees.

#include "planted.hpp"

#include <string.h>  // finds modernize-deprecated-headers

#include <string>
#include <string_view>
#include <utility>

int answer() {  // finds misc-use-internal-linkage
  return 42;
}

namespace mailpod::planted {

wrongly_named take(std::string text) {
  wrongly_named taken{std::move(text)};
  taken.text += text;  // finds bugprone-use-after-move
  return taken;
}

std::string copied(const wrongly_named& from) {
  const auto fits = [&](std::string_view more) {
    return from.text.size() < more.size() ? true : false;  // finds readability-simplify-boolean-expr
  };
  if (is_there(&from) && fits("more")) {
    return from.text;
  } else {  // finds readability-else-after-return
    return {};
  }
}

}  // namespace mailpod::planted
