#include "special_use.hpp"

#include <mailpod/text/ascii.hpp>

namespace mailpod::imap {
namespace {

struct Row {
  store::SpecialUse use;
  std::string_view attribute;
};
// \All and \Flagged are views of several mailboxes; Mailpod has none.
constexpr Row rows[] = {
    {store::SpecialUse::archive, "\\Archive"}, {store::SpecialUse::drafts, "\\Drafts"},
    {store::SpecialUse::junk, "\\Junk"},       {store::SpecialUse::sent, "\\Sent"},
    {store::SpecialUse::trash, "\\Trash"},
};

}  // namespace

std::string_view attribute_for(store::SpecialUse use) {
  for (const auto& row : rows) {
    if (row.use == use) return row.attribute;
  }
  return {};
}

std::optional<store::SpecialUse> special_use_for(std::string_view name) {
  for (const auto& row : rows) {
    if (text::equal_fold(row.attribute.substr(1), name)) return row.use;
  }
  return std::nullopt;
}

}  // namespace mailpod::imap
