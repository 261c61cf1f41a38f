#pragma once

#include <mutex>
#include <unordered_map>

#include "generation.hpp"

namespace mailpod::search {

/// What an Index consists of. Every member is guarded by `mutex`.
class Index::Generations {
public:
  Generations(const Ports& its_ports, Identity its_identity, crypto::VaultKey its_key, const Settings& its_settings)
      : ports(its_ports), identity(std::move(its_identity)), key(std::move(its_key)), settings(its_settings) {}

  struct Row {
    std::uint32_t generation;
    std::uint32_t row;
  };

  Generation::Surroundings surroundings() {
    return {ports.disk, ports.entropy, identity.folder, key, settings.reading};
  }
  /// The one that is being filled, if there is one.
  Generation* filling() { return all.empty() || all.back()->is_finished() ? nullptr : all.back().get(); }
  Generation& filling_or_new();
  void load(const std::function<bool(const Document&)>& still_there);
  void take_file(const std::string& name, const std::function<bool(const Document&)>& still_there);
  void check_places(Generation& generation, const std::function<bool(const Document&)>& still_there);
  /// The documents of a generation, the one at `index`, whose places are void.
  void await_places(Generation& generation, std::uint32_t index);
  void tell_of_damage(std::string_view reason) const;
  /// Removes a generation and its file.
  void drop(std::size_t index);
  void forget_places() { places = nullptr; }
  /// `places` and `rows`, made anew if something changed.
  void sort_places();
  void remove_file(const std::string& name) const;

  const Ports ports;
  const Identity identity;
  const crypto::VaultKey key;
  const Settings settings;

  std::mutex mutex;
  bool loaded = false;
  bool lost = false;                             ///< look_up() dropped a generation; nobody has heard of it
  std::vector<std::unique_ptr<Generation>> all;  ///< that which is being filled is the last
  std::size_t uncommitted = 0;                   ///< documents
  std::shared_ptr<const std::vector<std::uint64_t>> places;
  std::vector<Row> rows;                            ///< of each of `places`
  std::unordered_map<std::string, Row> void_names;  ///< documents whose places are void
};

}  // namespace mailpod::search
