#include "act_desk.hpp"

#include <nlohmann/json.hpp>

#include <mailpod/crypto/digest.hpp>

#include "terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::ActText;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

}  // namespace

Verdict<void> ActDesk::open() {
  return options_.maintainer_keys.empty() ? desk_.open() : desk_.open(options_.maintainer_keys);
}

Act ActDesk::act(Act::Kind kind) {
  auto out = desk_.act(kind);
  out.reason = options_.reason;
  return out;
}

Verdict<ActText> ActDesk::words() {
  auto& disk = desk_.machine().disk;
  if (!disk.status(options_.file))
    return Complaint{Errc::missing_key, options_.file, 0, "there is no such file", "name the file with the words"};
  ActText out;
  out.subject = options_.subject;
  out.body = base::read_file(disk, options_.file, governance::largest_act_text);
  if (!out.body.empty() && !out.body.ends_with('\n')) out.body += '\n';
  out.salt = desk_.machine().entropy.bytes<32>();
  // What cannot be read again must not be signed.
  if (const auto read = governance::parse_act_text(governance::write_act_text(out), options_.file); !read.has_value())
    return read.error();
  return out;
}

int ActDesk::finish(const Act& act, const std::optional<ActText>& text) {
  auto whole = act;
  std::optional<std::string> octets;
  if (text) octets = governance::write_act_text(*text);
  if (octets) whole.text_commitment = crypto::sha256(*octets);
  const auto written = governance::write_act(whole);
  if (const auto read = governance::parse_act(written, "the act"); !read.has_value()) return complain(read.error());
  if (options_.maintainer_keys.empty()) return write(written, octets);
  const auto file = desk_.keys().sign(whole);
  if (!file.has_value()) return complain(file.error());
  std::vector<std::string> texts;
  if (octets) texts.push_back(*octets);
  return say_submitted(options_.common, submit(desk_, *file, texts));
}

int ActDesk::write(const std::string& octets, const std::optional<std::string>& text) {
  auto& disk = desk_.machine().disk;
  const auto name = base::hex(base::octets(governance::identity(octets))).substr(0, 16);
  const auto path = options_.out.empty() ? "act-" + name + ".toml" : options_.out;
  const auto beside = path + ".txt";
  for (const auto& taken : {path, beside}) {
    if (disk.status(taken))
      return complain({Errc::bad_value, taken, 0, "is there already", "choose another name with --out"});
  }
  base::replace_file(disk, path, octets);
  if (text) base::replace_file(disk, beside, *text);
  const auto comment = governance::trusted_comment_for(octets, path).value();
  if (options_.common.output == Output::json) {
    json out{{"file", path}, {"trusted_comment", comment}};
    if (text) out["text"] = beside;
    say("{}\n", out.dump(2));
    return 0;
  }
  say("{}\n", path);
  remark("each maintainer signs it, and hands it in or mails it with its signature{} to governance@{}:\n",
         text ? " and " + beside : "", desk_.charter().pod);
  remark("  minisign -Sm {} -t '{}'\n  mailpod act submit {}{}\n", path, comment, path,
         text ? " --text " + beside : "");
  return 0;
}

Verdict<json> submit(SigningDesk& desk, const governance::SignedFile& file, const std::vector<std::string>& texts) {
  return desk.ask("act.submit", {{"file", file_json(file)}, {"texts", texts}});
}

int say_submitted(const Common& common, const Verdict<json>& submitted) {
  if (!submitted.has_value()) return complain(submitted.error());
  if (common.output == Output::json) {
    say("{}\n", submitted->dump(2));
    return 0;
  }
  const auto text = [&](const char* key) { return submitted->at(key).get<std::string>(); };
  if (text("state") == "waiting") {
    say("waits  {} {}: {} of {} signatures, for others until {}\n", text("type"), text("file").substr(0, 16),
        submitted->at("signatures").get<std::size_t>(), submitted->at("needed").get<std::size_t>(), text("expires"));
  } else {
    say("recorded  {} {}: leaf {} of the ledger\n", text("type"), text("file").substr(0, 16),
        submitted->at("leaf").get<std::uint64_t>());
  }
  return 0;
}

}  // namespace mailpod::daemon
