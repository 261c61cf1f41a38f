#include <algorithm>

#include <nlohmann/json.hpp>

#include "../act_desk.hpp"
#include "../commands.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;

constexpr std::chrono::days validity{7};  // it goes from one maintainer to the other

Verdict<governance::DisputeId> dispute_named(const std::string& given) {
  const auto octets = base::unhex(given);
  const auto id = octets ? base::byte_array<16>(*octets) : std::nullopt;
  if (id) return *id;
  return Complaint{Errc::dispute_unknown, given, 0, "is no dispute's id", "write its 32 hexadecimal digits"};
}

Verdict<std::vector<MemberId>> parties(SigningDesk& desk, const std::vector<std::string>& names) {
  std::vector<MemberId> out;
  for (const auto& name : names) {
    const auto member = desk.member(name);
    if (!member.has_value()) return member.error();
    out.push_back(*member);
  }
  std::ranges::sort(out);
  out.erase(std::ranges::unique(out).begin(), out.end());
  if (out.size() > governance::most_parties)
    return Complaint{Errc::text_malformed, "--party", 0, "are too many", "name 32 at most"};
  return out;
}

/// The words of a dispute that is there.
int go_on(const ActOptions& options, Act::Kind kind) {
  ActDesk desk(options);
  if (const auto ready = desk.open(); !ready.has_value()) return complain(ready.error());
  const auto dispute = dispute_named(options.dispute);
  if (!dispute.has_value()) return complain(dispute.error());
  const auto words = desk.words();
  if (!words.has_value()) return complain(words.error());
  auto act = desk.act(kind);
  act.expires = act.issued + validity;
  act.dispute = *dispute;
  if (kind == Act::Kind::dispute_close) act.outcome = governance::dispute_outcome(options.outcome);
  return desk.finish(act, *words);
}

}  // namespace

int dispute_open(const ActOptions& options) {
  ActDesk desk(options);
  if (const auto ready = desk.open(); !ready.has_value()) return complain(ready.error());
  auto words = desk.words();
  if (!words.has_value()) return complain(words.error());
  auto concerned = parties(desk.signing(), options.parties);
  if (!concerned.has_value()) return complain(concerned.error());
  words->parties = std::move(*concerned);
  auto act = desk.act(Act::Kind::dispute_open);
  act.expires = act.issued + validity;
  act.dispute = desk.signing().machine().entropy.bytes<16>();
  act.until = act.issued + std::chrono::days(options.days);
  const int status = desk.finish(act, *words);
  if (status == 0) remark("dispute {}\n", base::hex(base::octets(*act.dispute)));
  return status;
}

int dispute_answer(const ActOptions& options) {
  return go_on(options, Act::Kind::dispute_answer);
}

int dispute_close(const ActOptions& options) {
  return go_on(options, Act::Kind::dispute_close);
}

int dispute_list(const ActOptions& options) {
  SigningDesk desk(options.common);
  const auto listed = desk.ask("dispute.list", nlohmann::json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& one : listed->at("disputes"))
    say("{}  opened {}, {} answers until {}; {}\n", one.at("dispute").get<std::string>(),
        one.at("opened").get<std::string>(), one.at("answers").get<std::size_t>(), one.at("until").get<std::string>(),
        one.contains("outcome") ? one.at("outcome").get<std::string>() : one.at("state").get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
