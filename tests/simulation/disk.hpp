#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>

namespace mailpod::simulation {

/// Thrown by every call on a Disk once its power is lost. Not a system_error: no code may take it for a failed call.
struct PowerLoss : std::exception {
  const char* what() const noexcept override { return "the simulated machine lost power"; }
};

/// A file system in memory that forgets what POSIX allows it to forget.
///
/// Content is durable only after File::sync, names only after Disk::sync_directory. crash() answers one of the states
/// that a power loss may leave. Mutating calls (create, write, truncate, sync, rename, unlink, make and remove
/// directory, sync_directory, lock) are counted from 1, so that a test can fail or end the world at each of them.
/// Absolute and relative paths are the same; the root exists. Callable from any thread.
class Disk final : public base::Disk {
public:
  explicit Disk(std::uint64_t seed = 1);
  ~Disk() override;

  std::unique_ptr<base::File> open(const std::string& path, Open how) override;
  void rename(const std::string& from, const std::string& to) override;
  void unlink(const std::string& path) override;
  void make_directory(const std::string& path) override;
  void remove_directory(const std::string& path) override;
  void sync_directory(const std::string& path, std::source_location where = std::source_location::current()) override;
  std::vector<Entry> list(const std::string& path) override;
  std::optional<Information> status(const std::string& path) override;
  std::unique_ptr<Lock> lock(const std::string& path) override;

  /// A fresh disk with one legal state after power loss now, chosen by `seed`: every unsynced write kept, lost, torn or
  /// turned to zeros; any subset of the unsynced directory operations that keeps the order per name (a rename happens
  /// whole or not at all). About one seed in eight loses everything unsynced, one in eight keeps everything.
  std::unique_ptr<Disk> crash(std::uint64_t seed) const;
  /// A fresh disk with everything as it is now, durable: a clean shutdown.
  std::unique_ptr<Disk> clean_copy() const;

  /// Whose everything is from now on; at first the process's own user's.
  void belong_to(std::uint32_t user);

  /// Mutating calls so far.
  std::uint64_t calls() const;
  /// The `call`-th mutating call throws std::system_error(error) and does nothing; a failed sync also decides at once,
  /// by the seed, which writes will never reach the disk (as Linux does: the next sync succeeds without them).
  void fail_call(std::uint64_t call, int error);
  /// The same for this call and all that follow, until heal().
  void fail_from_call(std::uint64_t call, int error);
  /// No more failures; the capacity is unlimited again.
  void heal();
  /// The `call`-th mutating call, and every call of any kind after it, throws PowerLoss.
  void crash_at_call(std::uint64_t call);
  /// It was the process that ended at crash_at_call(), not the machine: the disk goes on as it is, with what is durable and
  /// what is not.
  void revive();
  /// Not since crash_at_call().
  bool has_power() const;
  /// Octets that all files together may hold; beyond, ENOSPC (a write then leaves the part that fitted).
  void set_capacity(std::uint64_t octets);
  /// Octets that all files hold now, unnamed ones included.
  std::uint64_t used() const;

  /// Each place `file:line` in the code that synced a file or directory of this disk, sorted.
  std::vector<std::string> sync_places() const;
  /// Syncs called from `place` do nothing from now on. Several may be omitted.
  void omit_sync(const std::string& place);

  /// The paths of all files, sorted.
  std::vector<std::string> files() const;
  /// The paths of those in which `octets` stand, sorted.
  std::vector<std::string> files_with(std::string_view octets) const;

private:
  struct State;
  class OpenFile;
  class HeldLock;
  explicit Disk(std::shared_ptr<State> state);
  std::uint32_t owner_;
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::simulation
