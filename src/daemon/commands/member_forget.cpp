#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

#include "../commands.hpp"
#include "../one_time_code.hpp"
#include "../signing_desk.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Act;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

/// What cannot be undone is asked for by the whole name.
Verdict<void> consent(const MemberOptions& options) {
  if (options.consent == MemberOptions::Consent::given) return {};
  remark("All mail of {0} is destroyed, for good, and nobody can bring it back.\nType {0} to go on: ",
         options.names.front());
  std::string line;
  if (read_line(line) && line == options.names.front()) return {};
  return Complaint{Errc::bad_value, "", 0, "nothing was done", "type the name, or give --yes"};
}

/// New, and its owner's alone.
Verdict<void> write_new(const std::string& path, const std::string& octets) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  bool written = file >= 0;
  for (std::size_t at = 0; written && at < octets.size();) {
    const auto some = ::write(file, octets.data() + at, octets.size() - at);
    written = some > 0;
    at += written ? static_cast<std::size_t>(some) : 0;
  }
  const int error = errno;
  if (file >= 0 && (::fsync(file) != 0 || ::close(file) != 0)) written = false;
  if (written) return {};
  return Complaint{Errc::bad_value, path, 0, std::string("cannot be written: ") + std::strerror(error),
                   "the receipt is printed; `mailpod member receipt` writes it again, for 30 days"};
}

int tell(const MemberOptions& options, const json& answer) {
  const auto text = [&](const char* key) { return answer.at(key).get<std::string>(); };
  if (options.common.output == Output::json) {
    say("{}\n", answer.dump(2));
  } else {
    say("{}", text("receipt"));
    if (options.receipt.empty()) say("\n{}", text("signature"));
  }
  if (options.receipt.empty()) return 0;
  for (const auto& [path, key] : {std::pair{options.receipt, "receipt"}, {options.receipt + ".minisig", "signature"}}) {
    if (const auto written = write_new(path, text(key)); !written.has_value()) return complain(written.error());
  }
  return 0;
}

/// A file that cannot be written is better noticed before.
Verdict<void> check_receipt(const MemberOptions& options) {
  for (const auto& path : {options.receipt, options.receipt + ".minisig"}) {
    if (!options.receipt.empty() && ::access(path.c_str(), F_OK) == 0)
      return Complaint{Errc::bad_value, path, 0, "is there already", "choose another file for the receipt"};
  }
  return {};
}

Verdict<json> expel(const MemberOptions& options) {
  SigningDesk desk(options.common);
  if (auto ready = desk.open(options.maintainer_keys); !ready.has_value()) return ready.error();
  const auto member = desk.member(options.names.front());
  if (!member.has_value()) return member.error();
  if (const auto sure = consent(options); !sure.has_value()) return sure.error();
  auto act = desk.act(Act::Kind::expel, *member);
  act.reason = options.reason;
  return desk.carry_out(act, "member.forget",
                        {{"address", options.names.front()}, {"with_address", options.names_address}});
}

Verdict<json> leave(const MemberOptions& options) {
  auto secret = read_secret("password, or app password without limits, of " + options.names.front());
  if (!secret.has_value()) return secret.error();
  if (const auto sure = consent(options); !sure.has_value()) {
    crypto::wipe(*secret);
    return sure.error();
  }
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  return with_code_if_wanted(
      {{"address", options.names.front()}, {"secret", std::move(*secret)}, {"with_address", options.names_address}},
      [&](json given) { return office.ask("member.forget", std::move(given)); });
}

}  // namespace

int member_forget(const MemberOptions& options) {
  if (const auto free = check_receipt(options); !free.has_value()) return complain(free.error());
  const auto done = options.maintainer_keys.empty() ? leave(options) : expel(options);
  if (!done.has_value()) return complain(done.error());
  return tell(options, *done);
}

int member_receipt(const MemberOptions& options) {
  if (const auto free = check_receipt(options); !free.has_value()) return complain(free.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto answer = office.ask("member.receipt", {{"who", options.names.front()}});
  if (!answer.has_value()) return complain(answer.error());
  return tell(options, *answer);
}

}  // namespace mailpod::daemon
