#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// Asks with one of the member's own secrets, from standard input, and says where their mail goes from now on.
int ask(const ForwardOptions& options, const std::string& operation, json arguments) {
  auto secret = read_secret("password or app password of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  arguments["address"] = options.name;
  arguments["secret"] = std::move(*secret);
  const auto answer =
      with_code_if_wanted(std::move(arguments), [&](json given) { return office.ask(operation, std::move(given)); });
  if (!answer.has_value()) return complain(answer.error());
  if (options.common.output == Output::json) {
    say("{}\n", answer->dump(2));
  } else if (answer->at("to").is_null()) {
    say("stays here\n");
  } else {
    say("goes on to {}, {}\n", answer->at("to").get<std::string>(),
        answer->at("copy").get<bool>() ? "a copy stays here" : "no copy stays here");
  }
  return 0;
}

}  // namespace

int forward_set(const ForwardOptions& options) {
  return ask(options, "forward.set", {{"to", options.to}, {"copy", options.copy == ForwardOptions::Copy::kept}});
}

int forward_clear(const ForwardOptions& options) {
  return ask(options, "forward.clear", json::object());
}

int forward_show(const ForwardOptions& options) {
  return ask(options, "forward.show", json::object());
}

}  // namespace mailpod::daemon
