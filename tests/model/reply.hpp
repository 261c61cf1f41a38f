#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mailpod::model {

/// The server has done what it may not do; what() says what.
struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};
void require(bool holds, const std::string& what);

/// A word, a string (quoted or literal), NIL or a list. RFC 3501 §4.
struct Value {
  enum class Kind { word, string, nil, list };
  Kind kind = Kind::nil;
  std::string text{};
  std::vector<Value> items{};
};

/// One response. RFC 3501 §7.
struct Reply {
  std::string tag;                        ///< `*`, `+`, or the command's
  std::optional<std::uint32_t> number{};  ///< before EXISTS, RECENT, EXPUNGE, FETCH
  std::string word{};                     ///< OK, NO, BAD, BYE, FETCH, SEARCH …
  std::vector<Value> code{};              ///< what stood in brackets, word by word
  std::vector<Value> values{};            ///< of a response that is no status
};

/// Everything that the server has said; Failure if it is not grammar, or ends within a response.
std::vector<Reply> parse_replies(std::string_view octets);

std::uint32_t number_in(std::string_view digits);
/// RFC 7162 §7.
std::uint64_t mod_seq_in(std::string_view digits);
/// `1:3,5`, in the order written; UID sets of response codes have no `*`.
std::vector<std::uint32_t> numbers_in(std::string_view set);

}  // namespace mailpod::model
