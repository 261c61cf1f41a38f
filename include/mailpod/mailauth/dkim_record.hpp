#pragma once

#include <span>
#include <string>
#include <string_view>

namespace mailpod::mailauth {

/// A TXT record as a line of a zone file, its text in strings of at most 255 octets. RFC 1035 §3.3.14, §5.1.
std::string zone_line(std::string_view name, std::string_view text);

/// What DNS says of a key, against what it should.
enum class Published {
  present,    ///< the very key
  missing,    ///< no record
  different,  ///< another key, a revoked one, more than one record, or what cannot be read
};
std::string_view name_of(Published published);

/// `records`: the texts of all TXT records that stand at the key's name. RFC 6376 §3.6.2.2.
Published compare_record(std::string_view wanted, std::span<const std::string> records);

}  // namespace mailpod::mailauth
