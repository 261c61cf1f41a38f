#pragma once

#include <map>
#include <mutex>
#include <optional>

#include <mailpod/store/vault.hpp>

#include "usage_file.hpp"

namespace mailpod::store {

/// Keeps count of what one member's vault holds, open or closed, so that nobody has to look into its folder for it. Any
/// thread; what is merged or counted comes from the vault's lane.
class Meter {
public:
  /// Nothing while what waits has not been counted.
  std::optional<Usage> known() const;
  /// What is merged, as far as that is known.
  Usage held() const;

  /// Mail was put into new/.
  void arrived(const MessageId& message, std::uint64_t sealed_size);
  /// How much arrived so far.
  std::uint64_t arrivals() const;

  /// The vault is open, and holds what it holds now.
  void hold(const Vault& vault);
  /// Arrivals were merged that took this, as sealed.
  void took(const Usage& merged);
  /// All is merged that had arrived when arrivals() was `arrivals`.
  void all_merged(std::uint64_t arrivals);

  /// What arrives from here to finish_count() is counted once, whether the count saw it or not.
  void begin_count();
  void finish_count(const Counted& counted);
  void give_up_count();

private:
  mutable std::mutex mutex_;
  std::optional<Usage> held_;
  std::optional<Usage> waiting_;
  std::uint64_t arrivals_ = 0;
  std::optional<std::map<MessageId, std::uint64_t>> meanwhile_;  ///< what arrived since begin_count()
};

}  // namespace mailpod::store
