#include "simulation/disk.hpp"

#include <algorithm>
#include <functional>

#include <unistd.h>

#include "simulation/disk_state.hpp"

namespace mailpod::simulation {

class Disk::OpenFile final : public base::File {
public:
  OpenFile(std::shared_ptr<State> state, NodePtr node, std::string path, Open how)
      : state_(std::move(state)), node_(std::move(node)), path_(std::move(path)), how_(how) {}
  ~OpenFile() override {
    const std::lock_guard guard(state_->mutex);
    node_.reset();
  }

  std::size_t read_at(std::uint64_t offset, std::span<char> into) override {
    const std::lock_guard guard(state_->mutex);
    state_->need_power();
    if (offset >= node_->content.size()) return 0;
    return node_->content.copy(into.data(), into.size(), static_cast<std::size_t>(offset));
  }

  void write_at(std::uint64_t offset, std::string_view octets) override {
    const std::lock_guard guard(state_->mutex);
    state_->count_call("write " + path_);
    if (how_ == Open::read) fail_with(EBADF, "write " + path_);
    const auto fits = what_fits(offset, octets.size());
    if (fits > 0) node_->write({offset, std::string(octets.substr(0, fits)), std::nullopt});
    if (fits < octets.size()) fail_with(ENOSPC, "write " + path_);
  }

  void truncate(std::uint64_t size) override {
    const std::lock_guard guard(state_->mutex);
    state_->count_call("truncate " + path_);
    if (how_ == Open::read) fail_with(EINVAL, "truncate " + path_);
    if (size > furthest_end()) fail_with(ENOSPC, "truncate " + path_);
    node_->write({0, {}, size});
  }

  std::uint64_t size() override {
    const std::lock_guard guard(state_->mutex);
    state_->need_power();
    return node_->content.size();
  }

  void sync(std::source_location where) override {
    const std::lock_guard guard(state_->mutex);
    const int error = state_->count_call();
    const bool omitted = state_->omits(where);
    if (error != 0) {
      node_->fail_sync(state_->dice);
      fail_with(error, "fdatasync " + path_);
    }
    if (!omitted) node_->sync();
  }

private:
  /// Where the file may end at most, with the room that the disk has left.
  std::uint64_t furthest_end() const {
    const auto taken = state_->used->load();
    const auto room = state_->capacity > taken ? state_->capacity - taken : 0;
    return node_->content.size() + std::min(room, std::numeric_limits<std::uint64_t>::max() / 2);
  }

  /// How many of `length` octets at `offset` the disk has room for.
  std::size_t what_fits(std::uint64_t offset, std::size_t length) const {
    const auto end = furthest_end();
    if (offset >= end) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(length, end - offset));
  }

  std::shared_ptr<State> state_;
  NodePtr node_;
  std::string path_;
  Open how_;
};

class Disk::HeldLock final : public Lock {
public:
  HeldLock(std::shared_ptr<State> state, NodePtr node) : state_(std::move(state)), node_(std::move(node)) {}
  ~HeldLock() override {
    const std::lock_guard guard(state_->mutex);
    state_->locked.erase(node_.get());
    node_.reset();
  }

private:
  std::shared_ptr<State> state_;
  NodePtr node_;
};

Disk::Disk(std::uint64_t seed) : owner_(::geteuid()), state_(std::make_shared<State>(seed)) {}
Disk::Disk(std::shared_ptr<State> state) : owner_(::geteuid()), state_(std::move(state)) {}
Disk::~Disk() = default;

std::unique_ptr<base::File> Disk::open(const std::string& path, Open how) {
  const std::lock_guard guard(state_->mutex);
  state_->need_power();
  if (how == Open::unnamed) {
    state_->count_call("open unnamed in " + path);
    state_->directory(path);
    return std::make_unique<OpenFile>(state_, state_->make_node(Kind::file), path + "/(unnamed)", how);
  }
  if (how == Open::create_new) {
    state_->count_call("create " + path);
    const auto place = state_->place(path);
    if (place.node) fail_with(EEXIST, "create " + path);
    if (state_->used->load() >= state_->capacity) fail_with(ENOSPC, "create " + path);
    auto node = state_->make_node(Kind::file);
    state_->perform({{{place.directory, place.name, node}}, nullptr});
    return std::make_unique<OpenFile>(state_, std::move(node), path, how);
  }
  auto node = state_->find(path);
  if (!node) fail_with(ENOENT, "open " + path);
  if (node->kind == Kind::directory) fail_with(EISDIR, "open " + path);
  return std::make_unique<OpenFile>(state_, std::move(node), path, how);
}

void Disk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(state_->mutex);
  const auto what = "rename " + from + " to " + to;
  state_->count_call(what);
  const auto source = state_->place(from);
  const auto target = state_->place(to);
  if (!source.node) fail_with(ENOENT, what);
  if (source.node == target.node) return;
  if (target.node) {
    const bool from_directory = source.node->kind == Kind::directory;
    const bool to_directory = target.node->kind == Kind::directory;
    if (from_directory && !to_directory) fail_with(ENOTDIR, what);
    if (!from_directory && to_directory) fail_with(EISDIR, what);
    if (to_directory && !target.node->names.empty()) fail_with(ENOTEMPTY, what);
  }
  if (source.node->kind == Kind::directory && (to + "/").starts_with(from + "/")) fail_with(EINVAL, what);
  state_->perform(
      {{{source.directory, source.name, nullptr}, {target.directory, target.name, source.node}}, target.node});
}

void Disk::unlink(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  state_->count_call("unlink " + path);
  const auto place = state_->place(path);
  if (!place.node) fail_with(ENOENT, "unlink " + path);
  if (place.node->kind == Kind::directory) fail_with(EISDIR, "unlink " + path);
  state_->perform({{{place.directory, place.name, nullptr}}, nullptr});
}

void Disk::make_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  state_->count_call("mkdir " + path);
  if (const auto node = state_->find(path)) {
    if (node->kind == Kind::directory) return;
    fail_with(EEXIST, "mkdir " + path);
  }
  const auto place = state_->place(path);
  state_->perform({{{place.directory, place.name, state_->make_node(Kind::directory)}}, nullptr});
}

void Disk::remove_directory(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  state_->count_call("rmdir " + path);
  const auto place = state_->place(path);
  if (!place.node) fail_with(ENOENT, "rmdir " + path);
  if (place.node->kind != Kind::directory) fail_with(ENOTDIR, "rmdir " + path);
  if (!place.node->names.empty()) fail_with(ENOTEMPTY, "rmdir " + path);
  state_->perform({{{place.directory, place.name, nullptr}}, place.node});
}

void Disk::sync_directory(const std::string& path, std::source_location where) {
  const std::lock_guard guard(state_->mutex);
  state_->count_call("fsync " + path);
  const auto node = state_->directory(path);
  if (!state_->omits(where)) state_->make_durable(*node);
}

std::vector<base::Disk::Entry> Disk::list(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  state_->need_power();
  std::vector<Entry> entries;
  for (const auto& [name, node] : state_->directory(path)->names) entries.push_back({name, node->kind});
  // No caller may rely on an order.
  for (std::size_t i = entries.size(); i > 1; --i) std::swap(entries[i - 1], entries[state_->dice.below(i)]);
  return entries;
}

void Disk::belong_to(std::uint32_t user) {
  const std::lock_guard guard(state_->mutex);
  owner_ = user;
}

std::optional<base::Disk::Information> Disk::status(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  state_->need_power();
  NodePtr node;
  try {
    node = state_->find(path);
  } catch (const std::system_error& failure) {
    if (failure.code().value() == ENOTDIR) return std::nullopt;
    throw;
  }
  if (!node) return std::nullopt;
  const std::uint32_t mode = node->kind == Kind::directory ? 0700 : 0600;
  return Information{node->kind, node->content.size(), mode, owner_};
}

std::unique_ptr<base::Disk::Lock> Disk::lock(const std::string& path) {
  const std::lock_guard guard(state_->mutex);
  state_->count_call("lock " + path);
  auto place = state_->place(path);
  if (!place.node) {
    place.node = state_->make_node(Kind::file);
    state_->perform({{{place.directory, place.name, place.node}}, nullptr});
  }
  if (!state_->locked.insert(place.node.get()).second) return nullptr;
  return std::make_unique<HeldLock>(state_, place.node);
}

std::uint64_t Disk::calls() const {
  const std::lock_guard guard(state_->mutex);
  return state_->calls;
}

void Disk::fail_call(std::uint64_t call, int error) {
  const std::lock_guard guard(state_->mutex);
  state_->failures[call] = error;
}

void Disk::fail_from_call(std::uint64_t call, int error) {
  const std::lock_guard guard(state_->mutex);
  state_->fail_from = call;
  state_->fail_from_error = error;
}

void Disk::heal() {
  const std::lock_guard guard(state_->mutex);
  state_->failures.clear();
  state_->fail_from = std::numeric_limits<std::uint64_t>::max();
  state_->capacity = std::numeric_limits<std::uint64_t>::max();
}

void Disk::crash_at_call(std::uint64_t call) {
  const std::lock_guard guard(state_->mutex);
  state_->crash_at = call;
}

void Disk::revive() {
  const std::lock_guard guard(state_->mutex);
  state_->power_lost = false;
  state_->crash_at = std::numeric_limits<std::uint64_t>::max();
}

bool Disk::has_power() const {
  const std::lock_guard guard(state_->mutex);
  return !state_->power_lost;
}

void Disk::set_capacity(std::uint64_t octets) {
  const std::lock_guard guard(state_->mutex);
  state_->capacity = octets;
}

std::uint64_t Disk::used() const {
  return state_->used->load();
}

std::vector<std::string> Disk::sync_places() const {
  const std::lock_guard guard(state_->mutex);
  return {state_->places.begin(), state_->places.end()};
}

void Disk::omit_sync(const std::string& place) {
  const std::lock_guard guard(state_->mutex);
  state_->omitted.insert(place);
}

namespace {

/// Each file with its path, in any order.
void visit(const Node& node, const std::string& path, const std::function<void(const std::string&, const Node&)>& see) {
  for (const auto& [name, child] : node.names) {
    if (child->kind == base::Disk::Kind::file) see(path + "/" + name, *child);
    visit(*child, path + "/" + name, see);
  }
}

}  // namespace

std::vector<std::string> Disk::files() const {
  return files_with({});
}

std::vector<std::string> Disk::files_with(std::string_view octets) const {
  const std::lock_guard guard(state_->mutex);
  std::vector<std::string> paths;
  visit(*state_->root, "", [&](const std::string& path, const Node& file) {
    if (file.content.find(octets) != std::string::npos) paths.push_back(path);
  });
  std::ranges::sort(paths);
  return paths;
}

}  // namespace mailpod::simulation
