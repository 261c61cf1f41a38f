// Reads any octets as the URL of a message: what it names is within the limits, and what a response code repeats of it
// stays grammar.

#include <cstdlib>
#include <string_view>

#include "../../src/imap/message_url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace mailpod;
  if (size > 5'000) return 0;
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  imap::SectionLimits limits;
  limits.header_fields = 5;
  const auto url = imap::parse_message_url(octets, "Lists/Old", limits);
  if (url.has_value()) {
    if (url->uid == 0 || url->section.part.size() > limits.depth || url->section.names.size() > 5) std::abort();
    if (url->section.partial || (url->mailbox && url->mailbox->find('\0') != std::string::npos)) std::abort();
  }
  const auto written = imap::written_in_code(octets);
  for (const char octet : written) {
    if (octet < 0x21 || octet > 0x7e || octet == ']' || octet == '"' || octet == '\\') std::abort();
  }
  return 0;
}
