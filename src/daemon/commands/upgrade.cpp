#include <mailpod/crypto/digest.hpp>

#include "../act_desk.hpp"
#include "../commands.hpp"
#include "../program.hpp"
#include "../terminal.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::Verdict;

constexpr std::uint64_t largest_program = 1024 * 1024 * 1024;

Verdict<governance::Hash> hash_of(base::Disk& disk, const ActOptions& options) {
  if (options.program.empty()) {
    if (const auto own = hash_of_program()) return *own;
    return Complaint{Errc::bad_value, "/proc/self/exe", 0, "cannot be read", "name the program's file with --program"};
  }
  if (!disk.status(options.program))
    return Complaint{Errc::missing_key, options.program, 0, "there is no such file", "name the program's file"};
  if (options.release.empty())
    return Complaint{Errc::missing_key, "--release", 0, "is not given",
                     "write what the program says to `mailpod --version`"};
  return crypto::sha256(base::read_file(disk, options.program, largest_program));
}

}  // namespace

int upgrade(const ActOptions& options) {
  ActDesk desk(options);
  if (const auto ready = desk.open(); !ready.has_value()) return complain(ready.error());
  const auto program = hash_of(desk.signing().machine().disk, options);
  if (!program.has_value()) return complain(program.error());
  auto act = desk.act(governance::Act::Kind::upgrade);
  act.expires = act.issued + std::chrono::days(7);  // it goes from one maintainer to the other
  act.version = options.release.empty() ? MAILPOD_VERSION : options.release;
  act.program = *program;
  return desk.finish(act, std::nullopt);
}

}  // namespace mailpod::daemon
