#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailpod::smtp {

/// What becomes of the session once a reply is written.
enum class Next { go_on, close };

/// One reply, of one or several lines. RFC 5321 §4.2, with the enhanced status code of RFC 2034 where one applies.
class Reply {
public:
  /// Nothing to say.
  Reply() = default;
  /// `enhanced` is a literal such as "2.1.0", or empty where RFC 2034 §4 wants none (greeting, EHLO, 3yz).
  Reply(int code, std::string_view enhanced, std::string text, Next next = Next::go_on);

  /// Nothing more to say: everything was said already, and the session ends.
  static Reply silent_close();

  /// One more line, after those before.
  Reply& add(std::string text);

  int code() const { return code_; }
  Next next() const { return next_; }
  bool refuses() const { return code_ >= 400; }
  bool refuses_for_good() const { return code_ >= 500; }

  /// With CRLFs. Whatever the text holds, each line is printable ASCII of at most 512 octets: nothing that a client
  /// said could end the line or begin another reply.
  std::string str() const;

private:
  int code_ = 0;
  std::string_view enhanced_;
  std::vector<std::string> lines_;
  Next next_ = Next::go_on;
};

}  // namespace mailpod::smtp
