#pragma once

#include <set>
#include <string>

#include <mailpod/base/disk.hpp>

namespace mailpod::governance {

/// What `path` is a name in.
std::string parent_of(const std::string& path);

/// Files with final names, written by the batch: each whole before it has its name, all durable at the end.
class FileBatch {
public:
  /// `root`: an existing folder; what is made below it is made durable. `durable`: folders that are known to be, by
  /// earlier batches; those of this one are added once they are.
  FileBatch(base::Disk& disk, std::string root, std::set<std::string>& durable)
      : disk_(disk), root_(std::move(root)), durable_(durable) {}
  /// Replaces what is there. `path` lies below the root.
  void write(const std::string& path, std::string_view octets);
  /// The names are durable, too.
  void finish();

private:
  void make_folder(const std::string& path);
  base::Disk& disk_;
  std::string root_;
  std::set<std::string>& durable_;
  std::set<std::string> made_;     // folders known to exist
  std::set<std::string> changed_;  // folders with names that are not durable yet
};

}  // namespace mailpod::governance
