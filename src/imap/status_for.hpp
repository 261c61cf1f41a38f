#pragma once

#include <boost/system/error_code.hpp>

#include "answer.hpp"

namespace mailpod::imap {

/// The answer for whatever a lower library refuses: the one place where their errors become IMAP's words. RFC 5530.
Answer status_for(const boost::system::error_code& error);

}  // namespace mailpod::imap
