#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/roster.hpp>

namespace mailpod::governance {

/// Signed files that have fewer signatures than they need, until the other maintainers have sent theirs, or the file's
/// time is over: each octet for octet as its signers saw it, in a folder of its own outside governance/, for nothing of
/// it is in force. docs/pod-folder.md, "waiting/".
///
/// Whoever brings a file brings it whole, with one signature or with several; signatures are gathered by the file's
/// identity. Only what a maintainer in term signed is kept, sixteen files of each at most, so that nobody fills it, and
/// nobody keeps others from it. One caller at a time; I/O failure throws std::system_error.
class WaitingFiles {
public:
  /// Made when something waits first.
  WaitingFiles(base::Disk& disk, std::string folder) : disk_(disk), folder_(std::move(folder)) {}

  /// The file with the signatures that came earlier as well: those of one key once, the earlier one.
  SignedFile gathered(const SignedFile& file) const;

  struct Waiting {
    SignedFile file;  ///< named by its identity
    Hash identity{};
    base::Time expires;
    std::size_t signatures = 0;  ///< good ones
    std::size_t needed = 0;      ///< as many as that, where those who are missing sign
  };
  /// Keeps an act, vote or charter whose signatures are all good, but too few. Errors: those of the parser and of the
  /// signatures; below_threshold (none of a maintainer in term); act_expired; too_many_waiting.
  Verdict<Waiting> keep(const SignedFile& file, const Roster& roster, base::Time at);
  /// It is in force, or will never be.
  void forget(const Hash& identity);
  /// By identity. Forgets what can never come into force any more.
  std::vector<Waiting> list(const Roster& roster, base::Time at);

private:
  std::string path_of(const Hash& identity) const;
  std::vector<std::string> signatures_of(const Hash& identity) const;
  std::vector<Hash> identities() const;
  base::Disk& disk_;
  std::string folder_;
};

}  // namespace mailpod::governance
