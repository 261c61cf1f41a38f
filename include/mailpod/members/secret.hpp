#pragma once

#include <string>
#include <string_view>

namespace mailpod::members {

/// What somebody shows to prove that they are a member. Borrowed views.
struct Secret {
  Secret(std::string_view given) : text(given) {}
  Secret(const std::string& given) : text(given) {}
  Secret(const char* given) : text(given) {}
  Secret(std::string_view given, std::string_view code) : text(given), one_time_code(code) {}

  std::string_view text;           ///< a password, an app password, or, where it may be used, a recovery code
  std::string_view one_time_code;  ///< with a password whose member asked for a second factor; else empty
};

}  // namespace mailpod::members
