#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/error.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::crypto {

/// How many octets all spools of the pod together may hold in memory. Outlives them. Callable from any thread.
class SpoolBudget {
public:
  explicit SpoolBudget(std::uint64_t octets) : free_(octets) {}
  /// Takes all of `octets` or nothing.
  bool take(std::uint64_t octets);
  void give_back(std::uint64_t octets);
  std::uint64_t available() const { return free_.load(); }

private:
  std::atomic<std::uint64_t> free_;
};

/// Where spools put what does not stay in memory, and whom they share with. Borrowed; outlives them.
struct SpoolPlace {
  base::Disk& disk;
  std::string directory;  ///< where unnamed files are made; exists
  base::Entropy& entropy;
  KeyArena& arena;
  SpoolBudget& budget;
};

struct SpoolSettings {
  std::uint64_t memory = 256 * 1024;       ///< octets that one letter may hold in memory
  std::uint64_t limit = 50 * 1024 * 1024;  ///< octets of one letter
};

/// Octets that arrive piece by piece and are then read from any place, more than once.
///
/// Up to a size they stay in memory; beyond it they go to an unnamed file in chunks sealed under a random key that
/// lives only in memory: plaintext never touches the disk, and nothing remains after a crash. Appending and reading may
/// be mixed. Blocking once it is large: on the pool. Not shared between threads.
class Spool final : public base::OctetSource {
public:
  explicit Spool(const SpoolPlace& place, SpoolSettings settings = {});
  ~Spool() override;
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// All or nothing. Errors: spool_full. Throws std::system_error if the disk fails; the spool is then as before.
  Status append(std::string_view octets);

  std::uint64_t size() const override;
  /// Throws std::system_error (EIO) if the file no longer holds what was written.
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override;
  /// Whether everything is in memory, so that reading and appending (while it stays so) never block.
  bool in_memory() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mailpod::crypto
