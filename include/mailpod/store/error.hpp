#pragma once

#include <mailpod/base/result.hpp>

namespace mailpod::store {

enum class Errc {
  no_such_mailbox = 1,
  mailbox_exists,
  bad_mailbox_name,       ///< too long, too deep, not UTF-8, empty level, control character
  mailbox_not_deletable,  ///< INBOX
  too_many_mailboxes,
  too_many_keywords,
  bad_keyword,
  gone,  ///< the message was expunged meanwhile
  too_big,
  over_quota,
  damaged,  ///< an octet on disk is not what was written
  wrong_key,
  closed,  ///< the vault was closed (revocation, shutdown)
  annotation_too_big,
  too_many_annotations,  ///< on one mailbox, or on the vault itself
};
const boost::system::error_category& store_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), store_category()};
}

}  // namespace mailpod::store

template <>
struct boost::system::is_error_code_enum<mailpod::store::Errc> : std::true_type {};
