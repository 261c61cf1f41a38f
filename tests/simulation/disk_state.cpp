#include "simulation/disk_state.hpp"

#include <algorithm>
#include <system_error>

namespace mailpod::simulation {

namespace {

std::vector<std::string> components(const std::string& path) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const auto end = std::min(path.find('/', begin), path.size());
    auto name = path.substr(begin, end - begin);
    if (name.size() > 255) fail_with(ENAMETOOLONG, path);
    if (!name.empty() && name != ".") names.push_back(std::move(name));
    begin = end + 1;
  }
  return names;
}

/// `library/file.cpp:12`, whatever the compiler was called with.
std::string place_name(const std::source_location& where) {
  const std::string file = where.file_name();
  auto slash = file.rfind('/');
  if (slash != std::string::npos && slash != 0) slash = file.rfind('/', slash - 1);
  const auto name = slash == std::string::npos ? file : file.substr(slash + 1);
  return name + ":" + std::to_string(where.line());
}

}  // namespace

void fail_with(int error, const std::string& what) {
  throw std::system_error(error, std::system_category(), what);
}

void PendingWrite::apply(std::string& content) const {
  if (truncate_to) {
    content.resize(*truncate_to, '\0');
    return;
  }
  if (content.size() < offset + octets.size()) content.resize(offset + octets.size(), '\0');
  content.replace(offset, octets.size(), octets);
}

void Node::write(PendingWrite write) {
  const auto before = content.size();
  write.apply(content);
  used->fetch_add(content.size() - before);  // unsigned wrap-around makes shrinking right as well
  pending.push_back(std::move(write));
}

void Node::sync() {
  for (const auto& write : pending) write.apply(durable_content);
  pending.clear();
}

void Node::fail_sync(Dice& dice) {
  for (const auto& write : pending) {
    if (dice.coin()) write.apply(durable_content);
  }
  pending.clear();
}

Disk::State::State(std::uint64_t seed) : dice(seed), root(make_node(Kind::directory)) {}

void Disk::State::need_power() const {
  if (power_lost) throw PowerLoss();
}

int Disk::State::count_call() {
  need_power();
  ++calls;
  if (calls >= crash_at) {
    power_lost = true;
    throw PowerLoss();
  }
  if (calls >= fail_from) return fail_from_error;
  const auto failure = failures.find(calls);
  return failure == failures.end() ? 0 : failure->second;
}

void Disk::State::count_call(const std::string& what) {
  if (const int error = count_call()) fail_with(error, what);
}

bool Disk::State::omits(const std::source_location& where) {
  const auto name = place_name(where);
  places.insert(name);
  return omitted.contains(name);
}

NodePtr Disk::State::find(const std::string& path) const {
  NodePtr node = root;
  for (const auto& name : components(path)) {
    if (node->kind != Kind::directory) fail_with(ENOTDIR, path);
    const auto child = node->names.find(name);
    if (child == node->names.end()) return nullptr;
    node = child->second;
  }
  return node;
}

NodePtr Disk::State::directory(const std::string& path) const {
  auto node = find(path);
  if (!node) fail_with(ENOENT, path);
  if (node->kind != Kind::directory) fail_with(ENOTDIR, path);
  return node;
}

Disk::State::Place Disk::State::place(const std::string& path) const {
  auto names = components(path);
  if (names.empty()) fail_with(EBUSY, path);  // the root
  auto name = std::move(names.back());
  names.pop_back();
  std::string parent;
  for (const auto& each : names) parent += "/" + each;
  auto holder = directory(parent);
  const auto child = holder->names.find(name);
  auto node = child == holder->names.end() ? nullptr : child->second;
  return {std::move(holder), std::move(name), std::move(node)};
}

void Disk::State::perform(DirectoryOperation operation) {
  for (const auto& change : operation.changes) {
    if (change.after) {
      change.directory->names[change.name] = change.after;
    } else {
      change.directory->names.erase(change.name);
    }
  }
  pending.push_back(std::move(operation));
}

void Disk::State::make_durable(const Node& directory) {
  // Backwards: an operation that becomes durable takes along every earlier one on the same names.
  std::set<std::pair<const Node*, std::string>> names;
  std::set<const Node*> emptied;
  std::vector<bool> chosen(pending.size());
  for (std::size_t i = pending.size(); i-- > 0;) {
    const auto& operation = pending[i];
    chosen[i] = std::ranges::any_of(operation.changes, [&](const NameChange& change) {
      const auto* holder = change.directory.get();
      return holder == &directory || emptied.contains(holder) || names.contains({holder, change.name});
    });
    if (!chosen[i]) continue;
    for (const auto& change : operation.changes) names.emplace(change.directory.get(), change.name);
    if (operation.emptied) emptied.insert(operation.emptied.get());
  }
  std::vector<DirectoryOperation> rest;
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (!chosen[i]) {
      rest.push_back(std::move(pending[i]));
      continue;
    }
    for (const auto& change : pending[i].changes) {
      if (change.after) {
        change.directory->durable_names[change.name] = change.after;
      } else {
        change.directory->durable_names.erase(change.name);
      }
    }
  }
  pending = std::move(rest);
}

}  // namespace mailpod::simulation
