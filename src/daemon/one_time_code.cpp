#include "one_time_code.hpp"

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/members/error.hpp>

#include "terminal.hpp"

namespace mailpod::daemon {

using governance::Verdict;
using nlohmann::json;

Verdict<json> with_code_if_wanted(json arguments, const std::function<Verdict<json>(json)>& ask) {
  auto answer = ask(arguments);
  const auto wanted = make_error_code(members::Errc::code_needed).message();
  if (answer.has_value() || answer.error().what != wanted) return answer;
  auto code = read_secret("one-time code, or a back-up code");
  if (!code.has_value()) return answer;
  arguments["one_time_code"] = std::move(*code);
  return ask(std::move(arguments));
}

}  // namespace mailpod::daemon
