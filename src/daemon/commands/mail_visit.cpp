#include "mail_visit.hpp"

#include <nlohmann/json.hpp>

#include "../one_time_code.hpp"

namespace mailpod::daemon {

using nlohmann::json;

namespace {

/// The desk waits 20 seconds for a sign of life.
constexpr std::chrono::seconds silence{5};

}  // namespace

MailVisit::MailVisit(Office& office, const std::string& member, const std::string& secret) : office_(office) {
  auto begun = with_code_if_wanted({{"what", "mail"}, {"member", member}, {"secret", secret}},
                                   [&](json given) { return office_.ask("vault.begin", std::move(given)); });
  if (!begun.has_value()) throw Refused(begun.error());
  heard_ = std::chrono::steady_clock::now();
  errand_ = begun->at("errand");
}

MailVisit::~MailVisit() {
  try {
    ask({{"what", "end"}});
  } catch (const std::exception&) {
    // Then it ends by itself.
  }
}

json MailVisit::desk(const std::string& operation, json arguments) {
  auto answer = office_.ask(operation, std::move(arguments));
  if (!answer.has_value()) throw Refused(answer.error());
  heard_ = std::chrono::steady_clock::now();
  return std::move(*answer);
}

json MailVisit::ask(const json& question) {
  json arguments{{"errand", errand_}, {"question", question}};
  for (;;) {
    auto word = desk("vault.ask", std::move(arguments));
    if (!word.at("answer").is_null()) return std::move(word.at("answer"));
    const auto& reply = word.at("reply");
    if (reply.is_null()) {
      arguments = json{{"errand", errand_}};
      continue;
    }
    if (reply.contains("answer")) return reply.at("answer");
    const auto& complaint = reply.at("complaint");
    throw Refused({governance::Errc::bad_value, complaint.at("file"), complaint.at("line"), complaint.at("what"),
                   complaint.at("remedy")});
  }
}

void MailVisit::stay() {
  if (std::chrono::steady_clock::now() - heard_ >= silence) desk("vault.look", {{"errand", errand_}});
}

}  // namespace mailpod::daemon
