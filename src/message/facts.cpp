#include "facts.hpp"

#include <mailpod/text/ascii.hpp>

#include "unstructured.hpp"

namespace mailpod::message {
namespace {

void count(HeaderFacts& facts, KnownField field) {
  switch (field) {
    case KnownField::received:
      ++facts.received;
      return;
    case KnownField::from:
      ++facts.from;
      return;
    case KnownField::sender:
      ++facts.sender;
      return;
    case KnownField::bcc:
      ++facts.bcc;
      [[fallthrough]];
    case KnownField::to:
    case KnownField::cc:
      ++facts.to_cc_bcc;
      return;
    case KnownField::date:
      ++facts.date;
      return;
    case KnownField::message_id:
      ++facts.message_id;
      return;
    case KnownField::return_path:
      ++facts.return_path;
      return;
    default:
      return;
  }
}

}  // namespace

void enter(HeaderFacts& facts, const ReadField& field, const Scanner::Settings& settings) {
  count(facts, field.known);
  facts.truncated |= field.truncated;
  if (facts.fields.size() < settings.fields) {
    facts.fields.push_back(field.place);
  } else {
    facts.truncated = true;
  }
  if (field.known == KnownField::delivered_to && facts.delivered_to.size() < settings.fields) {
    facts.delivered_to.push_back(unfolded(field.value));
  }
  if (field.known == KnownField::from && facts.from == 1) {
    facts.from_addresses = parse_address_list(field.value, settings.addresses);
    facts.from_addresses.truncated |= field.truncated;
  }
}

std::vector<HeaderField> HeaderFacts::named(std::string_view name) const {
  std::vector<HeaderField> found;
  for (const HeaderField& field : fields) {
    if (text::equal_fold(field.name, name)) found.push_back(field);
  }
  return found;
}

}  // namespace mailpod::message
