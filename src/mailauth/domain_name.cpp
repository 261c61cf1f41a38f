#include "domain_name.hpp"

namespace mailpod::mailauth {

namespace {

constexpr std::size_t longest_name = 253;  // octets, RFC 1035 §2.3.4
constexpr std::size_t longest_label = 63;

}  // namespace

bool is_host_name(std::string_view name) {
  if (name.size() > longest_name || name.find('.') == std::string_view::npos) return false;
  if (name.starts_with('[')) return false;  // an address literal
  while (true) {
    const auto dot = name.find('.');
    const auto label = name.substr(0, dot);
    if (label.empty() || label.size() > longest_label) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool is_or_is_below(std::string_view name, std::string_view domain) {
  if (domain.empty() || !name.ends_with(domain)) return false;
  return name.size() == domain.size() || name[name.size() - domain.size() - 1] == '.';
}

std::size_t common_labels(std::string_view one, std::string_view other) {
  std::size_t shared = 0;
  while (!one.empty() && !other.empty()) {
    // Behind the last dot, or all of it.
    const auto begin = one.rfind('.') + 1;
    const auto other_begin = other.rfind('.') + 1;
    if (one.substr(begin) != other.substr(other_begin)) break;
    ++shared;
    one = one.substr(0, begin == 0 ? 0 : begin - 1);
    other = other.substr(0, other_begin == 0 ? 0 : other_begin - 1);
  }
  return shared;
}

std::string_view parent_of(std::string_view name) {
  const auto dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::string shortened(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  if (name.size() <= longest_name) return name;
  // The first dot behind which there is no more than a name has: one cut, for strangers choose the length.
  const auto dot = name.find('.', name.size() - longest_name - 1);
  return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

}  // namespace mailpod::mailauth
