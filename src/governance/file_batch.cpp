#include "file_batch.hpp"

namespace mailpod::governance {

std::string parent_of(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

void FileBatch::make_folder(const std::string& path) {
  if (path == root_ || durable_.contains(path) || !made_.insert(path).second) return;
  make_folder(parent_of(path));
  if (disk_.status(path)) {
    // Perhaps made by a process that was killed before its name was durable.
    changed_.insert(parent_of(path));
    return;
  }
  disk_.make_directory(path);
  changed_.insert(parent_of(path));
}

void FileBatch::write(const std::string& path, std::string_view octets) {
  make_folder(parent_of(path));
  const std::string temporary = path + ".tmp";
  if (disk_.status(temporary)) disk_.unlink(temporary);
  const auto file = disk_.open(temporary, base::Disk::Open::create_new);
  file->write_at(0, octets);
  file->sync();
  disk_.rename(temporary, path);
  changed_.insert(parent_of(path));
}

void FileBatch::finish() {
  for (const auto& folder : changed_) disk_.sync_directory(folder);
  changed_.clear();
  durable_.merge(made_);
}

}  // namespace mailpod::governance
