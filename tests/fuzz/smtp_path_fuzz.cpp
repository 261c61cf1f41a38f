#include <cstdint>
#include <cstdlib>
#include <string>

#include <mailpod/message/header_values.hpp>
#include <mailpod/text/cursor.hpp>

#include "../../src/smtp/parameters.hpp"
#include "../../src/smtp/path.hpp"

/// Forward and reverse paths and their parameters. What parses is within its limits, and written out again it parses to
/// the same mailbox.
namespace {

using namespace mailpod;

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const smtp::Mailbox& mailbox) {
  if (mailbox.empty() || mailbox.domain.empty()) return;
  demand(!mailbox.local_part.empty() && mailbox.local_part.size() <= smtp::longest_local_part);
  demand(mailbox.domain.size() <= smtp::longest_domain + 2);
  // Beyond ASCII it is whatever SMTPUTF8 may allow: the commands ask whether it is UTF-8.
  for (const char octet : mailbox.local_part) demand(static_cast<unsigned char>(octet) >= 0x20 && octet != 0x7f);
  for (const char octet : mailbox.domain) demand(octet > 0x20 && octet <= 0x7e && !(octet >= 'A' && octet <= 'Z'));

  const std::string written = message::Address{"", mailbox.local_part, mailbox.domain}.address();
  text::Cursor again(written);
  const auto parsed = smtp::parse_mailbox(again);
  // Quoting may take it beyond the limit of an address; nothing else may go wrong.
  if (!parsed) demand(written.size() > smtp::longest_address);
  if (parsed) demand(again.at_end() && *parsed == mailbox);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  text::Cursor reverse(octets), forward(octets);
  if (const auto path = smtp::parse_reverse_path(reverse)) {
    check(*path);
    if (const auto parameters = smtp::parse_parameters(reverse)) demand(parameters->size() <= smtp::most_parameters);
  }
  if (const auto path = smtp::parse_forward_path(forward)) {
    demand(!path->empty());
    check(*path);
  }
  return 0;
}
