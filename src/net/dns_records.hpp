#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/net/resolver.hpp>

namespace mailpod::net {

/// The data of one record (RDATA) in wire form, without compression, to a value; nothing if malformed.
std::optional<Mx> parse_mx(std::string_view rdata);             ///< RFC 1035 §3.3.9
std::optional<std::string> parse_a(std::string_view rdata);     ///< RFC 1035 §3.4.1, as inet_ntop writes it
std::optional<std::string> parse_aaaa(std::string_view rdata);  ///< RFC 3596 §2.2, as inet_ntop writes it
std::optional<std::string> parse_txt(std::string_view rdata);   ///< RFC 1035 §3.3.14, its character-strings joined
std::optional<Tlsa> parse_tlsa(std::string_view rdata);         ///< RFC 6698 §2.1
std::optional<std::string> parse_name_rdata(std::string_view rdata);  ///< PTR, RFC 1035 §3.3.12

/// What a peer may make us hold of one answer. Whoever sends more is not answering a mail server's questions.
inline constexpr std::size_t max_records = 256;
inline constexpr std::size_t max_rdata = 64 * 1024;  ///< octets, of all records together

/// All records of an answer; Errc::lookup_failed if one is malformed or they are too many: half an answer would send
/// mail where its owner did not want it.
template <class Record>
Result<std::vector<Record>> parse_records(std::span<const std::string_view> rdata,
                                          std::optional<Record> (*parse)(std::string_view)) {
  std::vector<Record> records;
  std::size_t octets = 0;
  for (const auto& each : rdata) {
    octets += each.size();
    if (records.size() == max_records || octets > max_rdata) return make_error_code(Errc::lookup_failed);
    auto record = parse(each);
    if (!record) return make_error_code(Errc::lookup_failed);
    records.push_back(*std::move(record));
  }
  return records;
}

}  // namespace mailpod::net
