#pragma once

#include <string>
#include <string_view>

namespace mailpod::daemon {

/// Octets as words that can be read over a telephone: proquints (Daniel S. Wilkerson, arXiv:0901.4016), two octets a
/// word, `lusab babad gutih tugad`. An odd last octet counts as if followed by zero.
std::string spoken(std::string_view octets);

}  // namespace mailpod::daemon
