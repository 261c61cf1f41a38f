#include <nlohmann/json.hpp>

#include <mailpod/governance/signatures.hpp>

#include "../act_desk.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"
#include "charter_files.hpp"
#include "vote_options.hpp"

// Signed files as they are: made to be signed elsewhere, handed in, waited for.
namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

Verdict<std::vector<std::string>> read_texts(base::Disk& disk, const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const auto& path : paths) {
    if (!disk.status(path))
      return Complaint{Errc::missing_key, path, 0, "there is no such file", "name the text as it was written"};
    out.push_back(base::read_file(disk, path, governance::largest_act_text));
  }
  return out;
}

/// What waits and is meant.
Verdict<json> named(SigningDesk& desk, const std::string& given) {
  const auto listed = desk.ask("act.waiting", json::object());
  if (!listed.has_value()) return listed.error();
  const json* found = nullptr;
  for (const auto& one : listed->at("waiting")) {
    if (!one.at("file").get<std::string>().starts_with(given)) continue;
    if (found != nullptr)
      return Complaint{Errc::bad_value, given, 0, "is how several files' hashes begin", "write more of its digits"};
    found = &one;
  }
  if (found == nullptr)
    return Complaint{Errc::bad_value, given, 0, "nothing of this hash waits", "`mailpod act waiting` shows what does"};
  return Verdict<json>(boost::system::in_place_value, *found);
}

}  // namespace

int act_draft(const ActOptions& options) {
  ActDesk desk(options);
  if (const auto ready = desk.open(); !ready.has_value()) return complain(ready.error());
  const auto member = desk.signing().member(options.member);
  if (!member.has_value()) return complain(member.error());
  auto act = desk.act(governance::act_kind(options.kind).value());
  act.member = *member;
  act.expires = act.issued + std::chrono::days(7);  // it goes from one to the other
  if (act.kind == Act::Kind::suspend) act.until = act.issued + std::chrono::hours(options.hours);
  if (act.kind == Act::Kind::set_citizen_key) {
    const auto key = public_key_option(desk.signing().machine().disk, options.citizen_key);
    if (!key.has_value()) return complain(key.error());
    act.citizen_key = *key;
  }
  return desk.finish(act, std::nullopt);
}

int act_submit(const ActOptions& options) {
  SigningDesk desk(options.common);
  auto& disk = desk.machine().disk;
  const auto file = read_signed_file(disk, options.file);
  if (!file.has_value()) return complain(file.error());
  const auto texts = read_texts(disk, options.texts);
  if (!texts.has_value()) return complain(texts.error());
  return say_submitted(options.common, submit(desk, *file, *texts));
}

int act_waiting(const ActOptions& options) {
  SigningDesk desk(options.common);
  const auto listed = desk.ask("act.waiting", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& one : listed->at("waiting"))
    say("{}  {}: {} of {} signatures, until {}\n", one.at("file").get<std::string>().substr(0, 16),
        one.at("type").get<std::string>(), one.at("signatures").get<std::size_t>(), one.at("needed").get<std::size_t>(),
        one.at("expires").get<std::string>());
  return 0;
}

int act_sign(const ActOptions& options) {
  SigningDesk desk(options.common);
  if (const auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return complain(ready.error());
  const auto waiting = named(desk, options.waiting);
  if (!waiting.has_value()) return complain(waiting.error());
  const auto octets = waiting->at("octets").get<std::string>();
  remark("{}", octets);
  std::vector<std::string> texts;
  if (waiting->contains("text")) {
    texts.push_back(waiting->at("text").get<std::string>());
    remark("\n{}", texts.back());
  }
  const auto file = desk.keys().sign(waiting->at("file").get<std::string>(), octets);
  if (!file.has_value()) return complain(file.error());
  return say_submitted(options.common, submit(desk, *file, texts));
}

}  // namespace mailpod::daemon
