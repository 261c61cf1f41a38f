#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/mailauth/canonical.hpp>

namespace mailpod::mailauth {

/// One field of a header. Borrowed.
struct HeaderField {
  std::string_view name;    ///< without white space around it
  std::string_view octets;  ///< all of it: name, colon, value, folds and line end
};

/// The fields before the blank line, from the top down. What is no field is left out: nobody can sign it.
std::vector<HeaderField> split_header(std::string_view header);

/// What is hashed of the fields that `names` lists: for each name the lowest field that bears it and was not taken yet,
/// and nothing for a name without one more. RFC 6376 §5.4.2.
std::string canonical_fields(std::span<const HeaderField> fields, std::span<const std::string> names,
                             Canonicalization how);

}  // namespace mailpod::mailauth
