#pragma once

#include <atomic>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulation/dice.hpp"
#include "simulation/disk.hpp"

// What a simulated disk holds: the visible tree, what of it is durable, and the operations in between, in their order.
namespace mailpod::simulation {

using Used = std::shared_ptr<std::atomic<std::uint64_t>>;

/// One write or truncation that was not synced yet.
struct PendingWrite {
  std::uint64_t offset = 0;
  std::string octets;
  std::optional<std::uint64_t> truncate_to;

  void apply(std::string& content) const;
};

/// An inode: a file or a directory.
struct Node {
  explicit Node(base::Disk::Kind is, Used octets_used) : kind(is), used(std::move(octets_used)) {}
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node() { used->fetch_sub(content.size()); }

  /// Does a write to the visible content and remembers it as pending.
  void write(PendingWrite write);
  void sync();
  /// What Linux does when a sync fails: some writes never reach the disk, and no later sync tries again.
  void fail_sync(Dice& dice);

  base::Disk::Kind kind;
  Used used;
  // a file
  std::string content;
  std::string durable_content;
  std::vector<PendingWrite> pending;
  // a directory
  std::map<std::string, std::shared_ptr<Node>> names;
  std::map<std::string, std::shared_ptr<Node>> durable_names;
};
using NodePtr = std::shared_ptr<Node>;

/// One name that an operation gives to a node, or takes away (`after` is null).
struct NameChange {
  NodePtr directory;
  std::string name;
  NodePtr after;
};

/// What happens whole or not at all: a rename has two changes, everything else one.
struct DirectoryOperation {
  std::vector<NameChange> changes;
  NodePtr emptied;  ///< the directory that a rmdir removes: durable only after what emptied it
};

struct Disk::State {
  explicit State(std::uint64_t seed);

  std::mutex mutex;
  Dice dice;
  Used used = std::make_shared<std::atomic<std::uint64_t>>(0);
  NodePtr root;
  std::vector<DirectoryOperation> pending;
  std::set<const Node*> locked;

  std::uint64_t calls = 0;
  bool power_lost = false;
  std::uint64_t crash_at = std::numeric_limits<std::uint64_t>::max();
  std::map<std::uint64_t, int> failures;
  std::uint64_t fail_from = std::numeric_limits<std::uint64_t>::max();
  int fail_from_error = 0;
  std::uint64_t capacity = std::numeric_limits<std::uint64_t>::max();
  std::set<std::string> places;
  std::set<std::string> omitted;

  void need_power() const;
  /// Counts a mutating call; answers the errno it must fail with, or 0.
  int count_call();
  /// The same, throwing.
  void count_call(const std::string& what);
  /// Notes the place; true if this sync is to do nothing.
  bool omits(const std::source_location& where);

  NodePtr make_node(Kind kind) const { return std::make_shared<Node>(kind, used); }
  /// Null if there is none.
  NodePtr find(const std::string& path) const;
  NodePtr directory(const std::string& path) const;

  struct Place {
    NodePtr directory;
    std::string name;
    NodePtr node;  ///< null if the name is free
  };
  Place place(const std::string& path) const;

  void perform(DirectoryOperation operation);
  void make_durable(const Node& directory);
};

[[noreturn]] void fail_with(int error, const std::string& what);

}  // namespace mailpod::simulation
