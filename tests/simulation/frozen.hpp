#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace mailpod::simulation {

/// The octets of tests/formats/`name`: what a released version wrote, kept for ever. With MAILPOD_FREEZE set, a file
/// that is missing is made first, by `make`: for a new format version, once, before it is committed.
inline std::string frozen(const std::string& name, const std::function<std::string()>& make) {
  const auto path = std::filesystem::path(MAILPOD_SOURCE_DIR) / "tests/formats" / name;
  if (!std::filesystem::exists(path) && std::getenv("MAILPOD_FREEZE") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << make();
  }
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << path << " is missing";
  std::ostringstream octets;
  octets << in.rdbuf();
  return octets.str();
}

}  // namespace mailpod::simulation
