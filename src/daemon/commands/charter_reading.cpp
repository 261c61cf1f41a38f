#include <algorithm>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <mailpod/governance/plain_words.hpp>

#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "charter_files.hpp"

// What charters say, for people: read from the folder, with no key and no daemon.
namespace mailpod::daemon {
namespace {

using governance::Charter;
using governance::time_text;
using governance::Verdict;
using nlohmann::json;

Verdict<Charter> read_charter(const Workplace& workplace, const std::string& path) {
  const auto file = read_signed_file(workplace.machine().disk, path);
  if (!file.has_value()) return file.error();
  return governance::parse_charter(file->octets, path);
}

int say_text(const Common& common, const std::string& text) {
  say("{}", common.output == Output::json ? json{{"text", text}}.dump(2) + "\n" : text);
  return 0;
}

/// Whose signatures are good, by the names that the charter, or the one before it, gives the keys.
std::vector<std::string> signers(const Workplace& workplace, const PodFolder& folder,
                                 const governance::CharterChain& chain, std::uint64_t seq) {
  const auto path = base::join(folder.governance(), fmt::format("charter-{:04}.toml", seq));
  const auto file = read_signed_file(workplace.machine().disk, path);
  std::vector<std::string> out;
  if (!file.has_value()) return out;
  auto known = chain.charter(seq).maintainers;
  if (seq > 1) std::ranges::copy(chain.charter(seq - 1).maintainers, std::back_inserter(known));
  for (const auto& minisig : file->minisigs) {
    const auto signature = crypto::minisign::parse_signature(minisig);
    if (!signature.has_value()) continue;
    const auto signer = std::ranges::find(known, signature->id, [](const auto& each) { return each.key.id; });
    // A copy for people: anybody who can write there can put a file beside it that only looks like a signature.
    const bool good =
        signer != known.end() && crypto::minisign::verify(signer->key, file->octets, *signature).has_value();
    if (good) out.push_back(signer->name);
  }
  return out;
}

}  // namespace

int charter_diff(const CharterOptions& options) {
  const Workplace workplace;
  const auto next = read_charter(workplace, options.file);
  if (!next.has_value()) return complain(next.error());
  if (!options.other.empty()) {
    const auto last = read_charter(workplace, options.other);
    if (!last.has_value()) return complain(last.error());
    return say_text(options.common, governance::explain_change(*last, *next));
  }
  const auto record = verified_record(workplace, options.common);
  if (!record.has_value()) return complain(record.error());
  const auto roster = (*record)->gate().roster();
  return say_text(options.common, governance::explain_change(roster->charters().latest(), *next));
}

int charter_explain(const CharterOptions& options) {
  const Workplace workplace;
  if (!options.file.empty()) {
    const auto charter = read_charter(workplace, options.file);
    if (!charter.has_value()) return complain(charter.error());
    return say_text(options.common, governance::explain(*charter));
  }
  const auto record = verified_record(workplace, options.common);
  if (!record.has_value()) return complain(record.error());
  const auto roster = (*record)->gate().roster();
  const auto now = workplace.machine().clock.now();
  return say_text(options.common, governance::explain(roster->charters().at(now)) + "\nNow\n" +
                                      governance::explain_situation(*roster, now));
}

int charter_log(const CharterOptions& options) {
  const Workplace workplace;
  const auto record = verified_record(workplace, options.common);
  if (!record.has_value()) return complain(record.error());
  const auto roster = (*record)->gate().roster();
  const auto& chain = roster->charters();
  const auto in_force = chain.at(workplace.machine().clock.now()).seq;
  json all = json::array();
  for (std::uint64_t seq = 1; seq <= chain.size(); ++seq) {
    const auto& charter = chain.charter(seq);
    all.push_back({{"seq", seq},
                   {"identity", base::hex(base::octets(chain.identity_of(seq)))},
                   {"accepted", time_text(chain.accepted_at(seq))},
                   {"effective", time_text(charter.effective)},
                   {"expires", time_text(charter.expires)},
                   {"in_force", seq == in_force},
                   {"signers", signers(workplace, {options.common.pod}, chain, seq)}});
  }
  if (options.common.output == Output::json) {
    say("{}\n", json{{"charters", all}}.dump(2));
    return 0;
  }
  for (const auto& one : all) {
    say("{:>4}{} {}  accepted {}  in effect from {} until {}  signed by {}\n", one.at("seq").get<std::uint64_t>(),
        one.at("in_force").get<bool>() ? '*' : ' ', one.at("identity").get<std::string>(),
        one.at("accepted").get<std::string>(), one.at("effective").get<std::string>(),
        one.at("expires").get<std::string>(),
        fmt::format("{}", fmt::join(one.at("signers").get<std::vector<std::string>>(), ", ")));
  }
  return 0;
}

}  // namespace mailpod::daemon
