#include "generations.hpp"

#include <algorithm>

// Which databases an index consists of: finding them on the disk, and letting go of those that are no good.
namespace mailpod::search {
namespace {

std::optional<DatabaseId> id_of(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  const auto octets = base::unhex(name.substr(0, name.size() - suffix.size()));
  return octets ? base::byte_array<16>(*octets) : std::nullopt;
}

}  // namespace

void Index::Generations::remove_file(const std::string& name) const {
  try {
    ports.disk.unlink(base::join(identity.folder, name));
  } catch (const std::system_error&) {
    // It is tried again when the index is loaded next.
  }
}

void Index::Generations::take_file(const std::string& name, const std::function<bool(const Document&)>& still_there) {
  if (id_of(name, Generation::open_suffix)) return remove_file(name);  // its filling was interrupted
  const auto id = id_of(name, Generation::whole_suffix);
  if (!id) return;
  try {
    auto generation = std::make_unique<Generation>(surroundings(), *id);
    check_places(*generation, still_there);
    all.push_back(std::move(generation));
  } catch (const Generation::OtherReading&) {
    ports.log.info("search index of another reading is made anew member={}", identity.owner);
    remove_file(name);
  } catch (const std::runtime_error& error) {
    tell_of_damage(error.what());
    remove_file(name);
  }
}

void Index::Generations::check_places(Generation& generation, const std::function<bool(const Document&)>& still_there) {
  if (generation.size() == 0) return;
  std::size_t highest = 0;
  for (std::size_t row = 0; row < generation.size(); ++row) {
    if (generation.place(row) > generation.place(highest)) highest = row;
  }
  if (!still_there(generation.documents()[highest])) generation.void_places();
  await_places(generation, static_cast<std::uint32_t>(all.size()));
}

void Index::Generations::await_places(Generation& generation, std::uint32_t index) {
  const auto documents = generation.documents();
  for (std::uint32_t row = 0; row < documents.size(); ++row) {
    if (generation.place(row) != 0) continue;
    void_names.insert_or_assign(std::string(base::octets(documents[row].name)), Row{index, row});
  }
}

void Index::Generations::load(const std::function<bool(const Document&)>& still_there) {
  if (loaded) return;
  std::vector<std::string> names;
  if (ports.disk.status(identity.folder)) {
    for (auto& entry : ports.disk.list(identity.folder)) names.push_back(std::move(entry.name));
  }
  loaded = true;
  std::ranges::sort(names);
  for (const auto& name : names) take_file(name, still_there);
  // Only one is filled; a further one, which nothing leaves behind, stays as it is.
  for (std::size_t i = 0; i + 1 < all.size(); ++i) {
    if (all[i]->is_finished()) continue;
    std::swap(all[i], all.back());
    for (auto& [unused, row] : void_names) {
      if (row.generation == i) {
        row.generation = static_cast<std::uint32_t>(all.size() - 1);
      } else if (row.generation == all.size() - 1) {
        row.generation = static_cast<std::uint32_t>(i);
      }
    }
    break;
  }
}

void Index::Generations::tell_of_damage(std::string_view reason) const {
  ports.log.warning("search index damaged member={} reason=\"{}\"", identity.owner, base::printable(reason));
}

void Index::Generations::drop(std::size_t index) {
  try {
    all[index]->unlink();
  } catch (const std::system_error&) {
    // Likewise.
  }
  if (filling() == all[index].get()) uncommitted = 0;
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(index));
  for (auto entry = void_names.begin(); entry != void_names.end();) {
    auto& row = entry->second;
    if (row.generation == index) {
      entry = void_names.erase(entry);
      continue;
    }
    if (row.generation > index) --row.generation;
    ++entry;
  }
  forget_places();
}

Generation& Index::Generations::filling_or_new() {
  if (auto* const present = filling()) return *present;
  if (!ports.disk.status(identity.folder)) {
    ports.disk.make_directory(identity.folder);
    ports.disk.sync_directory(identity.folder.substr(0, identity.folder.rfind('/')));
  }
  all.push_back(std::make_unique<Generation>(surroundings()));
  return *all.back();
}

void Index::Generations::sort_places() {
  if (places) return;
  struct Entry {
    std::uint64_t place;
    Row row;
  };
  std::vector<Entry> entries;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    for (std::uint32_t row = 0; row < all[i]->size(); ++row) {
      if (all[i]->place(row) != 0) entries.push_back({all[i]->place(row), {i, row}});
    }
  }
  std::ranges::sort(entries, {}, &Entry::place);
  auto sorted = std::make_shared<std::vector<std::uint64_t>>();
  sorted->reserve(entries.size());
  rows.clear();
  for (const auto& entry : entries) {
    sorted->push_back(entry.place);
    rows.push_back(entry.row);
  }
  places = std::move(sorted);
}

}  // namespace mailpod::search
