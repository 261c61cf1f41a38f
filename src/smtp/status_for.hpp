#pragma once

#include <string_view>
#include <system_error>

#include <boost/system/error_code.hpp>

#include <mailpod/smtp/mailroom.hpp>

#include "reply.hpp"

namespace mailpod::smtp {

/// The reply that an answer of the Mailroom becomes: the one place where they are mapped. RFC 5321 §4.2.3, RFC 3463.
Reply status_for(boost::system::error_code error);
/// The same, in other words where there are any.
Reply status_for(boost::system::error_code error, std::string_view explanation);

/// What a failure of the machine, met while the Mailroom worked, is to the peer.
Errc errc_for(const std::system_error& failure);

}  // namespace mailpod::smtp
