#include "tls_required.hpp"

#include <mailpod/message/header_fields.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::delivery {

namespace {

std::string_view without_folds(std::string_view value) {
  constexpr std::string_view around(" \t\r\n");
  const auto begin = value.find_first_not_of(around);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(around) - begin + 1);
}

}  // namespace

bool says_tls_required_no(std::string_view header) {
  message::SpelledField field;
  while (message::take_field(header, field)) {
    if (text::equal_fold(field.name, "TLS-Required") && text::equal_fold(without_folds(field.value), "No")) return true;
  }
  return false;
}

}  // namespace mailpod::delivery
