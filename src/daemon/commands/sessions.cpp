#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

governance::Verdict<json> ask(const Common& common, const std::string& operation, json arguments) {
  const Workplace workplace;
  Office office(workplace.machine(), common);
  return office.ask(operation, std::move(arguments));
}

/// An administrator's question, or, where a member asks for their own, theirs.
governance::Verdict<json> ask(const SessionsOptions& options, const std::string& operation,
                              const std::string& of_member, json arguments) {
  if (options.mine.empty()) return ask(options.common, operation, std::move(arguments));
  auto secret = read_secret("password or app password of " + options.mine);
  if (!secret.has_value()) return secret.error();
  arguments["address"] = options.mine;
  arguments["secret"] = std::move(*secret);
  return with_code_if_wanted(std::move(arguments),
                             [&](json given) { return ask(options.common, of_member, std::move(given)); });
}

}  // namespace

int sessions_list(const SessionsOptions& options) {
  const auto listed = ask(options, "sessions.list", "sessions.mine", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& session : listed->at("sessions")) {
    const auto tls = session.at("tls").get<std::string>();
    say("{:<6} {:<12} {:<40} {:<8} since {}  idle {} s  {}\n", session.at("session").get<std::uint64_t>(),
        session.at("listener").get<std::string>(), session.at("address").get<std::string>(),
        tls.empty() ? "clear" : tls, session.at("since").get<std::string>(),
        session.at("idle_seconds").get<std::uint64_t>(), session.value("name", session.value("member", "-")));
  }
  remark("{} sessions\n", listed->at("sessions").size());
  return 0;
}

int sessions_close(const SessionsOptions& options) {
  const auto closed = ask(options, "sessions.close", "sessions.close-mine",
                          options.mine.empty() ? json{{"session", options.session}, {"member", options.member}}
                                               : json{{"session", options.session}});
  if (!closed.has_value()) return complain(closed.error());
  if (options.common.output == Output::json) {
    say("{}\n", closed->dump(2));
  } else {
    say("{} closed\n", closed->at("closed").get<std::uint64_t>());
  }
  return 0;
}

int health(const Common& common) {
  const auto answer = ask(common, "health", json::object());
  if (!answer.has_value()) return complain(answer.error());
  if (common.output == Output::json) {
    say("{}\n", answer->dump(2));
  } else {
    for (const auto& [part, finding] : answer->at("parts").items()) say("{:<8} {}\n", part, finding.get<std::string>());
  }
  return answer->at("well").get<bool>() ? 0 : 1;
}

}  // namespace mailpod::daemon
