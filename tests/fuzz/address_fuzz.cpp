#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/header_values.hpp>

/// Address lists, dates, ids and encoded text from the same octets. Any broken promise aborts.
namespace {

using namespace mailpod::message;

void insist(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);

  const AddressList list = parse_address_list(value);
  for (const Address& address : list.addresses) {
    insist(!address.host.empty());
    insist(address.mailbox.find('\0') == std::string::npos && address.host.find('\0') == std::string::npos);
    if (!list.well_formed) continue;
    // One reading: what we write of a well-formed address is read back as the same.
    const AddressList again = parse_address_list(address.address());
    insist(again.addresses.size() == 1 && again.addresses[0].mailbox == address.mailbox);
    insist(again.addresses[0].host == address.host);
    if (const auto path = write_return_path(address.address())) insist(path->find('\n') == path->size() - 1);
  }

  int open_groups = 0;
  for (const EnvelopeAddress& element : parse_envelope_addresses(value)) {
    if (element.starts_group()) ++open_groups;
    if (element.ends_group()) --open_groups;
    insist(open_groups == 0 || open_groups == 1);
  }
  insist(open_groups == 0);

  if (const auto date = parse_date(value)) {
    const auto again = parse_date(write_date(*date));
    insist(again && *again == *date);
  }
  for (const char octet : decode_header_value(value)) insist(octet != '\r' && octet != '\n' && octet != '\0');
  for (const auto& id : parse_message_ids(value)) insist(id.find_first_of("<> \r\n") == std::string::npos);

  const std::string field = write_field("X", value);
  insist(field.ends_with("\r\n"));
  for (std::size_t at = 0; (at = field.find("\r\n", at)) + 2 < field.size(); at += 2) insist(field[at + 2] == ' ');
  return 0;
}
