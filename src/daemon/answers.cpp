#include "answers.hpp"

#include <nlohmann/json.hpp>

#include "terminal.hpp"

namespace mailpod::daemon {

int say_done(const Common& common, const governance::Verdict<nlohmann::json>& changed, std::string_view done,
             std::string_view field) {
  if (!changed.has_value()) return complain(changed.error());
  if (common.output == Output::json) {
    say("{}\n", changed->dump(2));
  } else {
    say("{} {}\n", done, changed->at(field).get<std::string>());
  }
  return 0;
}

}  // namespace mailpod::daemon
