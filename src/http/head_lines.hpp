#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/http/fields.hpp>
#include <mailpod/http/message.hpp>
#include <mailpod/http/reader.hpp>

namespace mailpod::http {

/// Takes a line with its CRLF from the front of `octets`, and gives it without. Nothing if there is no CRLF, or a CR or
/// LF stands by itself in front of it.
std::optional<std::string_view> take_crlf_line(std::string_view& octets);

/// Field lines up to an empty line, which ends `octets`. RFC 9112 §5
Result<Fields> parse_field_lines(std::string_view octets, const MessageLimits& limits);

/// `HTTP/1.1`. Errors: malformed, version_unknown.
Result<Version> parse_version(std::string_view text);

/// `host[:port]` of a Host field or of a target in absolute form: the host in lower case. RFC 9110 §7.2
std::optional<std::string> parse_authority(std::string_view text);

}  // namespace mailpod::http
