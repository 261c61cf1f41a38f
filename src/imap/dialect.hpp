#pragma once

#include <mailpod/imap/server.hpp>

namespace mailpod::imap {

/// What the client switched on, with ENABLE or by using it; UNAUTHENTICATE alone switches it off. RFC 5161 §3.1.
struct Enabled {
  bool imap4rev2 = false;    ///< RFC 9051
  bool utf8_accept = false;  ///< RFC 6855, RFC 9755
  bool condstore = false;    ///< RFC 7162 §3.1
  bool qresync = false;      ///< RFC 7162 §3.2; then condstore is as well
  bool uid_only = false;     ///< RFC 9586
  bool metadata = false;     ///< RFC 5464 §4.1: what others change is told
};

/// How this session's requests are read and its responses are written.
struct Dialect {
  const Settings& settings;
  Enabled enabled{};

  /// Names and quoted strings are UTF-8, where RFC 3501 has modified UTF-7 and ASCII.
  bool utf8() const { return enabled.imap4rev2 || enabled.utf8_accept; }
};

}  // namespace mailpod::imap
