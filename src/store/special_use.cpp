#include <mailpod/store/special_use.hpp>

#include <mailpod/text/ascii.hpp>

namespace mailpod::store {
namespace {

struct Row {
  SpecialUse use;
  std::string_view attribute;
};
// \All and \Flagged are views of several mailboxes; Mailpod has none.
constexpr Row rows[] = {
    {SpecialUse::archive, "\\Archive"}, {SpecialUse::drafts, "\\Drafts"}, {SpecialUse::junk, "\\Junk"},
    {SpecialUse::sent, "\\Sent"},       {SpecialUse::trash, "\\Trash"},
};

}  // namespace

std::string_view attribute_for(SpecialUse use) {
  for (const auto& row : rows) {
    if (row.use == use) return row.attribute;
  }
  return {};
}

std::optional<SpecialUse> special_use_for(std::string_view attribute) {
  for (const auto& row : rows) {
    if (text::equal_fold(row.attribute, attribute)) return row.use;
  }
  return std::nullopt;
}

}  // namespace mailpod::store
