#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <mailpod/transfer/folder.hpp>

#include <gtest/gtest.h>

namespace mailpod::transfer {

/// A folder of the test's own, on the machine's disk: links and dates are what these tests are about.
class Scratch : public testing::Test {
protected:
  Scratch() {
    std::string name = testing::TempDir() + "mailpod-transfer-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path = name;
  }
  ~Scratch() override { std::filesystem::remove_all(path); }

  Folder folder() const { return Folder::at(path); }
  void put(const std::string& name, std::string_view octets) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << octets;
  }
  std::string get(const std::string& name) const {
    std::ifstream file(path / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// Every file below, relative, ascending.
  std::vector<std::string> files() const {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (!entry.is_directory()) all.push_back(std::filesystem::relative(entry.path(), path));
    }
    std::ranges::sort(all);
    return all;
  }

  std::filesystem::path path;
};

}  // namespace mailpod::transfer
