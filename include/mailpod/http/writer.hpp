#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/http/message.hpp>

namespace mailpod::http {

/// A time as Date has it: `Sun, 06 Nov 1994 08:49:37 GMT`. RFC 9110 §5.6.7
std::string write_date(base::Time time);

/// An answer without its content: status line, fields, empty line. What says where its content ends is written here and
/// nowhere else, whatever the response has of it.
std::string write_response_head(const Response& response);

/// Whether an entity tag is among those of If-None-Match or If-Match, weakly compared (RFC 9110 §8.8.3.2); `*` is
/// any. `tag` with its quotes.
bool lists_entity_tag(std::string_view list, std::string_view tag);

}  // namespace mailpod::http
