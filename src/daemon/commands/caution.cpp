#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// Asks with one of the member's own secrets, from standard input, and says how their mail is met from now on.
int ask(const CautionOptions& options, const std::string& operation) {
  auto secret = read_secret("password or app password of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  json arguments{{"address", options.name}, {"secret", std::move(*secret)}};
  const auto answer =
      with_code_if_wanted(std::move(arguments), [&](json given) { return office.ask(operation, std::move(given)); });
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
  } else if (answer->at("caution") == "none") {
    say("mail goes where the pod's rules put it\n");
  } else {
    say("what does not show where it comes from goes into Junk\n");
  }
  return 0;
}

}  // namespace

int caution_set(const CautionOptions& options) {
  return ask(options, "caution.set");
}

int caution_clear(const CautionOptions& options) {
  return ask(options, "caution.clear");
}

int caution_show(const CautionOptions& options) {
  return ask(options, "caution.show");
}

}  // namespace mailpod::daemon
