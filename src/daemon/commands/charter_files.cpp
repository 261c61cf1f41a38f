#include "charter_files.hpp"

#include <algorithm>
#include <filesystem>

namespace mailpod::daemon {
namespace {

constexpr std::uint64_t largest_signature = 4096;

std::string stem_of(const std::string& path) {
  return path.ends_with(".toml") ? path.substr(0, path.size() - 5) : path;
}

}  // namespace

governance::Verdict<governance::SignedFile> read_signed_file(base::Disk& disk, const std::string& path) {
  if (!disk.status(path))
    return governance::Complaint{governance::Errc::missing_key, path, 0, "there is no such file",
                                 "name the .toml file"};
  governance::SignedFile file{path, base::read_file(disk, path, governance::largest_signed_file), {}};
  const auto folder = std::filesystem::absolute(path).parent_path().string();
  const auto stem = std::filesystem::path(stem_of(path)).filename().string() + ".";
  auto entries = disk.list(folder);
  std::ranges::sort(entries, {}, &base::Disk::Entry::name);
  for (const auto& entry : entries) {
    if (entry.name.starts_with(stem) && entry.name.ends_with(".minisig"))
      file.minisigs.push_back(base::read_file(disk, base::join(folder, entry.name), largest_signature));
  }
  return file;
}

governance::Verdict<std::unique_ptr<governance::Registry>> verified_record(const Workplace& workplace,
                                                                           const Common& common) {
  const PodFolder folder{common.pod};
  const auto machine = workplace.machine();
  const auto configuration = read_configuration(machine.disk, folder.path);
  if (!configuration.has_value()) return configuration.error();
  return governance::Registry::open({machine.disk, folder.governance(), configuration->charter, std::nullopt});
}

std::string signature_path(const std::string& path, const std::string& key_id) {
  return stem_of(path) + "." + key_id + ".minisig";
}

}  // namespace mailpod::daemon
