#include "simulation/disk_state.hpp"

// Which of all legal states a power loss leaves.
namespace mailpod::simulation {

namespace {

using Names = std::map<std::string, NodePtr>;

/// How much of what was not synced survives.
enum class Fate { nothing, everything, mixed };

Fate choose_fate(Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      return Fate::nothing;
    case 1:
      return Fate::everything;
    default:
      return Fate::mixed;
  }
}

bool survives(Fate fate, Dice& dice) {
  return fate == Fate::everything || (fate == Fate::mixed && dice.coin());
}

/// A torn write: a prefix that ends at any octet, or any of its 512-octet sectors.
void apply_torn(const PendingWrite& write, std::string& content, Dice& dice) {
  if (dice.coin()) {
    PendingWrite prefix = write;
    prefix.octets.resize(dice.below(write.octets.size() + 1));
    if (!prefix.octets.empty()) prefix.apply(content);
    return;
  }
  constexpr std::size_t sector = 512;
  for (std::size_t at = 0; at < write.octets.size(); at += sector) {
    if (dice.coin()) PendingWrite{write.offset + at, write.octets.substr(at, sector), std::nullopt}.apply(content);
  }
}

std::string surviving_content(const Node& file, Fate fate, Dice& dice) {
  std::string content = file.durable_content;
  for (const auto& write : file.pending) {
    if (survives(fate, dice)) {
      write.apply(content);
      continue;
    }
    if (fate == Fate::nothing || write.truncate_to) continue;
    if (dice.coin()) apply_torn(write, content, dice);
    // The new size may reach the disk without the octets.
    const auto end = write.offset + write.octets.size();
    if (content.size() < end && dice.below(4) == 0) content.resize(end, '\0');
  }
  return content;
}

/// The names of every directory, as far as they differ from the durable ones.
std::map<const Node*, Names> surviving_names(const std::vector<DirectoryOperation>& pending, Fate fate, Dice& dice) {
  std::map<const Node*, Names> changed;
  std::set<std::pair<const Node*, std::string>> lost_names;
  std::set<const Node*> lost_in;
  for (const auto& operation : pending) {
    bool kept = survives(fate, dice) && !lost_in.contains(operation.emptied.get());
    for (const auto& change : operation.changes) {
      kept = kept && !lost_names.contains({change.directory.get(), change.name});
    }
    for (const auto& change : operation.changes) {
      const auto* directory = change.directory.get();
      if (!kept) {
        lost_names.emplace(directory, change.name);
        lost_in.insert(directory);
        continue;
      }
      auto& names = changed.try_emplace(directory, change.directory->durable_names).first->second;
      if (change.after) {
        names[change.name] = change.after;
      } else {
        names.erase(change.name);
      }
    }
  }
  return changed;
}

}  // namespace

std::unique_ptr<Disk> Disk::crash(std::uint64_t seed) const {
  const std::lock_guard guard(state_->mutex);
  Dice dice(seed);
  const auto fate = choose_fate(dice);
  const auto changed = surviving_names(state_->pending, fate, dice);

  auto fresh = std::make_shared<State>(seed);
  const auto copy = [&](const auto& self, const Node& from, Node& to) -> void {
    if (from.kind == Kind::file) {
      to.write({0, surviving_content(from, fate, dice), std::nullopt});
      to.sync();
      return;
    }
    const auto own = changed.find(&from);
    for (const auto& [name, child] : own == changed.end() ? from.durable_names : own->second) {
      auto twin = fresh->make_node(child->kind);
      self(self, *child, *twin);
      to.names[name] = to.durable_names[name] = std::move(twin);
    }
  };
  copy(copy, *state_->root, *fresh->root);
  return std::unique_ptr<Disk>(new Disk(std::move(fresh)));
}

std::unique_ptr<Disk> Disk::clean_copy() const {
  const std::lock_guard guard(state_->mutex);
  auto fresh = std::make_shared<State>(state_->dice.roll());
  const auto copy = [&](const auto& self, const Node& from, Node& to) -> void {
    if (from.kind == Kind::file) to.write({0, from.content, std::nullopt});
    to.sync();
    for (const auto& [name, child] : from.names) {
      auto twin = fresh->make_node(child->kind);
      self(self, *child, *twin);
      to.names[name] = to.durable_names[name] = std::move(twin);
    }
  };
  copy(copy, *state_->root, *fresh->root);
  return std::unique_ptr<Disk>(new Disk(std::move(fresh)));
}

}  // namespace mailpod::simulation
