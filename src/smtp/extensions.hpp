#pragma once

#include <span>
#include <string>

#include <mailpod/smtp/client.hpp>

namespace mailpod::smtp {

/// What the lines of a server's answer to EHLO offer; the first of them greets. RFC 5321 §4.1.1.1. Keywords that we do
/// not use are passed over, a SIZE that is no number is one without a limit.
Extensions parse_extensions(std::span<const std::string> lines);

}  // namespace mailpod::smtp
