#include <nlohmann/json.hpp>

#include "../acts.hpp"
#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "vote_words.hpp"

// Votes as the pod has them; their ballots come from wherever their voters are.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

constexpr std::uint64_t largest_signature = 4096;

/// A ballot, and beside it the signature that `minisign -S` makes: FILE.minisig.
Verdict<governance::SignedFile> read_ballot(base::Disk& disk, const std::string& path) {
  if (!disk.status(path))
    return Complaint{Errc::missing_key, path, 0, "there is no such file", "`mailpod vote ballot` makes one"};
  governance::SignedFile file{path, base::read_file(disk, path, governance::largest_signed_file), {}};
  const auto signature = path + ".minisig";
  if (disk.status(signature)) {
    file.minisigs.push_back(base::read_file(disk, signature, largest_signature));
    return file;
  }
  const auto comment = governance::trusted_comment_for(file.octets, path);
  if (!comment.has_value()) return comment.error();
  return Complaint{Errc::no_signatures, path, 0, "is not signed",
                   fmt::format("minisign -Sm {} -t '{}'", path, *comment)};
}

int say_one(const Common& common, const Verdict<json>& vote) {
  if (!vote.has_value()) return complain(vote.error());
  if (common.output == Output::json) {
    say("{}\n", vote->dump(2));
  } else {
    say_vote(*vote);
  }
  return 0;
}

}  // namespace

int vote_list(const VoteOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto listed = office.ask("vote.list", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& vote : listed->at("votes")) say_vote_line(vote);
  return 0;
}

int vote_show(const VoteOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  return say_one(options.common, office.ask("vote.show", {{"vote", options.vote}}));
}

int vote_close(const VoteOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  return say_one(options.common, office.ask("vote.close", {{"vote", options.vote}}));
}

int vote_cast(const VoteOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto file = read_ballot(machine.disk, options.file);
  if (!file.has_value()) return complain(file.error());
  Office office(machine, options.common);
  const auto cast = office.ask("vote.cast", {{"ballot", file_json(*file)}});
  if (!cast.has_value()) return complain(cast.error());
  if (options.common.output == Output::json) {
    say("{}\n", cast->dump(2));
  } else {
    say("cast in {}: leaf {} of the ledger, {}\n", cast->at("vote").get<std::string>().substr(0, 16),
        cast->at("leaf").get<std::uint64_t>(), cast->at("ballot").get<std::string>());
  }
  return 0;
}

}  // namespace mailpod::daemon
