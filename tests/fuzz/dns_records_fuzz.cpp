#include <cstdint>
#include <cstdlib>
#include <string>

#include "../../src/net/dns_names.hpp"
#include "../../src/net/dns_records.hpp"

namespace {

using namespace mailpod::net;

/// A name that we have read can be asked for as it is, and holds nothing that would be another line in a log.
void check_name(const std::string& name) {
  if (!name.empty() && question_name(name) != name) std::abort();
}

void check_address(const std::optional<std::string>& address) {
  if (!address) return;
  const auto reversed = reverse_name(*address);
  if (!reversed || question_name(*reversed) != reversed) std::abort();
}

/// The octets as the records of one answer, each behind an octet that says how long it is.
std::vector<std::string_view> pieces(std::string_view octets) {
  std::vector<std::string_view> out;
  while (!octets.empty()) {
    const std::size_t length = static_cast<unsigned char>(octets.front());
    octets.remove_prefix(1);
    out.push_back(octets.substr(0, length));
    octets.remove_prefix(out.back().size());
  }
  return out;
}

}  // namespace

/// Records as a hostile DNS server sends them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  if (const auto mx = parse_mx(octets)) check_name(mx->exchange);
  if (const auto name = parse_name_rdata(octets)) check_name(*name);
  if (const auto text = parse_txt(octets); text && text->size() >= size) std::abort();
  if (const auto tlsa = parse_tlsa(octets); size >= 3 && (!tlsa || tlsa->data.size() + 3 != size)) std::abort();
  check_address(parse_a(octets));
  check_address(parse_aaaa(octets));
  const auto records = pieces(octets);
  if (const auto all = parse_records(std::span(records), &parse_mx); all && all->size() != records.size()) std::abort();
  if (const auto name = question_name(octets); name && question_name(*name) != name) std::abort();
  (void)reverse_name(std::string(octets));
  return 0;
}
