#include <mailpod/http/fields.hpp>

#include <algorithm>
#include <stdexcept>

#include <mailpod/text/ascii.hpp>

#include "grammar.hpp"

namespace mailpod::http {

void Fields::add(std::string_view name, std::string_view value) {
  const auto trimmed = text::trim(value);
  if (!is_token(name) || !is_field_value(trimmed)) throw std::invalid_argument("a field of HTTP cannot be that");
  fields_.push_back({std::string(name), std::string(trimmed)});
}

void Fields::set(std::string_view name, std::string_view value) {
  std::erase_if(fields_, [name](const Field& field) { return text::equal_fold(field.name, name); });
  add(name, value);
}

const std::string* Fields::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(fields_, [name](const Field& field) { return text::equal_fold(field.name, name); });
  return found == fields_.end() ? nullptr : &found->value;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(fields_, [name](const Field& field) { return text::equal_fold(field.name, name); }));
}

bool Fields::lists(std::string_view name, std::string_view token) const {
  for (const auto& field : fields_) {
    if (!text::equal_fold(field.name, name)) continue;
    std::string_view rest = field.value;
    while (true) {
      const auto comma = rest.find(',');
      if (text::equal_fold(text::trim(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

}  // namespace mailpod::http
