#include <cerrno>
#include <cstdio>
#include <system_error>

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "enrolment.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

bool wants_code(const EnrolOptions& options) {
  return options.recovery == EnrolOptions::Recovery::code;
}

/// One newcomer: the code, and the password they choose, from standard input.
governance::Verdict<json> one_enrolment(const EnrolOptions& options) {
  auto code = read_secret("enrolment code");
  if (!code.has_value()) return code.error();
  auto chosen = chosen_secrets(options);
  if (!chosen.has_value()) return chosen.error();
  (*chosen)["address"] = options.name;
  (*chosen)["code"] = std::move(*code);
  return governance::Verdict<json>(boost::system::in_place_value, json::array({std::move(*chosen)}));
}

/// Many newcomers with app passwords only: `address<TAB>code` lines, as `member admit` writes them.
governance::Verdict<json> many_enrolments(const EnrolOptions& options) {
  json items = json::array();
  std::string line;
  for (std::size_t number = 1; read_line(line); ++number) {
    const auto tab = line.find('\t');
    if (tab == std::string::npos)
      return Complaint{Errc::bad_value, "standard input", number, "this line is no address, tab and code",
                       "give what `mailpod member admit` wrote"};
    items.push_back({{"address", line.substr(0, tab)},
                     {"code", line.substr(tab + 1)},
                     {"app", options.app},
                     {"recovery", wants_code(options)}});
    crypto::wipe(line);
  }
  return governance::Verdict<json>(boost::system::in_place_value, std::move(items));
}

/// How many were refused.
int say_enrolled(json& answer, Output output) {
  int refused = 0;
  if (output == Output::json) say("{}\n", answer.dump(2));
  for (auto& one : answer.at("enrolled")) {
    const auto address = one.at("address").get<std::string>();
    if (one.contains("what")) {
      ++refused;
      complain({Errc::bad_value, address, 0, one.at("what"), one.at("remedy")});
    } else if (output == Output::text) {
      auto* password = one.contains("password") ? one.at("password").get_ptr<std::string*>() : nullptr;
      auto* code = one.contains("recovery_code") ? one.at("recovery_code").get_ptr<std::string*>() : nullptr;
      say("{}\t{}{}{}\n", address, password != nullptr ? *password : "enrolled", code != nullptr ? "\t" : "",
          code != nullptr ? *code : "");
      if (password != nullptr) crypto::wipe(*password);
      if (code != nullptr) crypto::wipe(*code);
    }
  }
  return refused;
}

/// Those who enrolled have been told: their codes are worth nothing from now on.
void say_told(Office& office, json& enrolments, const json& answer) {
  json told = json::array();
  for (std::size_t i = 0; i < enrolments.size(); ++i) {
    if (answer.at("enrolled").at(i).contains("what")) continue;
    told.push_back({{"address", enrolments[i].at("address")}, {"code", std::move(enrolments[i].at("code"))}});
  }
  if (told.empty()) return;
  if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
  try {
    const auto done = office.ask("enrol.told", {{"enrolments", std::move(told)}});
    if (done.has_value()) return;
  } catch (const std::system_error&) {
    // The daemon is gone; all else is done.
  }
  remark("The codes go on working until the new secrets are used.\n");
}

}  // namespace

governance::Verdict<json> chosen_secrets(const EnrolOptions& options) {
  json item{{"recovery", wants_code(options)}};
  if (!options.app.empty()) item["app"] = options.app;
  if (options.password == EnrolOptions::Password::ask) {
    auto password = read_new_password();
    if (!password.has_value()) return password.error();
    item["password"] = std::move(*password);
  }
  return governance::Verdict<json>(boost::system::in_place_value, std::move(item));
}

int enrol_by(Office& office, json enrolments, const EnrolOptions& options) {
  auto answer = office.ask("enrol", {{"enrolments", enrolments}});
  if (!answer.has_value()) return complain(answer.error());
  const int refused = say_enrolled(*answer, options.common.output);
  say_told(office, enrolments, *answer);
  if (!options.app.empty() && refused == 0)
    remark("App passwords are shown once. They log in to IMAP and SMTP, one for each device.\n");
  if (wants_code(options) && refused == 0)
    remark(
        "The last column is the recovery code, shown once: keep it on paper. It makes a new password when all else is "
        "lost.\n");
  return refused == 0 ? 0 : 1;
}

int enrol(const EnrolOptions& options) {
  if (options.name.empty() && options.app.empty())
    return complain({Errc::missing_key, "enrol", 0, "neither a NAME nor --app is given",
                     "name who enrols, or give --app NAME and lines of address, tab and code"});
  auto enrolments = options.name.empty() ? many_enrolments(options) : one_enrolment(options);
  if (!enrolments.has_value()) return complain(enrolments.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  return enrol_by(office, std::move(*enrolments), options);
}

}  // namespace mailpod::daemon
