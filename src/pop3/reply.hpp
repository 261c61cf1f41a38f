#pragma once

#include <string>
#include <utility>

#include <boost/system/error_code.hpp>

#include <mailpod/text/cursor.hpp>

namespace mailpod::pop3 {

/// How a command ended: its status line. RFC 1939 §3.
struct Reply {
  enum class Kind {
    ok,
    err,    ///< it could not be done
    bad,    ///< it was no command, or not here; `-ERR` as well
    given,  ///< the command has said everything itself
  };

  Kind kind = Kind::given;
  std::string text{};  ///< with the response code in front, if there is one (RFC 2449 §8); ASCII, one line
};

inline Reply ok(std::string text) {
  return {Reply::Kind::ok, std::move(text)};
}
inline Reply err(std::string text) {
  return {Reply::Kind::err, std::move(text)};
}
inline Reply bad(std::string text) {
  return {Reply::Kind::bad, std::move(text)};
}
/// Naming the place in the command where it stopped making sense.
Reply bad(const text::ParseError& error);
inline Reply given() {
  return {};
}

/// The words for what the store, the credentials or the machine failed at. RFC 3206.
Reply reply_for(const boost::system::error_code& error);

}  // namespace mailpod::pop3
