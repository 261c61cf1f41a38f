#include <mailpod/http/router.hpp>

#include <algorithm>
#include <stdexcept>

namespace mailpod::http {
namespace {

bool is_name(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

bool is_rest(std::string_view segment) {
  return is_name(segment) && segment.ends_with("...}");
}

std::vector<std::string> parse_pattern(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
    if (is_rest(segments.back()) && !path.empty()) throw std::invalid_argument("a route goes on behind its rest");
  }
  if (segments.empty() || !path.empty()) throw std::invalid_argument("a route's path begins with a slash");
  return segments;
}

std::optional<std::vector<std::string>> match(const std::vector<std::string>& pattern, const Path& path) {
  std::vector<std::string> captured;
  const auto& segments = path.segments;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i == segments.size()) return std::nullopt;
    if (is_rest(pattern[i])) {
      captured.insert(captured.end(), segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end());
      return captured;
    }
    if (is_name(pattern[i])) {
      if (segments[i].empty()) return std::nullopt;
      captured.push_back(segments[i]);
    } else if (segments[i] != pattern[i]) {
      return std::nullopt;
    }
  }
  if (segments.size() != pattern.size()) return std::nullopt;
  return captured;
}

void allow(std::string& list, std::string_view method) {
  if (list.find(method) != std::string::npos) return;
  if (!list.empty()) list += ", ";
  list += method;
}

}  // namespace

Router::Router(std::vector<Route> routes) {
  for (auto& route : routes) {
    auto segments = parse_pattern(route.path);
    rows_.push_back({std::move(route), std::move(segments)});
  }
}

Router::Found Router::find(Method method, const Path& path) const {
  Found found;
  for (const auto& [route, segments] : rows_) {
    auto captured = match(segments, path);
    if (!captured) continue;
    if (route.method == method || (route.method == Method::get && method == Method::head))
      return {&route, std::move(*captured), {}};
    allow(found.allowed, write_method(route.method));
    if (route.method == Method::get) allow(found.allowed, write_method(Method::head));
  }
  return found;
}

}  // namespace mailpod::http
