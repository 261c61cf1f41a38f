#pragma once

#include <map>
#include <string>
#include <vector>

#include <mailpod/journal/journal.hpp>

#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::journal::test {

/// Collects what a journal replays.
class Collector final : public Replay {
public:
  struct Seen {
    Position position;
    std::uint64_t sequence;
    std::uint8_t type;
    std::string payload;
  };
  void begin() override {
    parts.clear();
    records.clear();
  }
  bool checkpoint(std::string_view part) override {
    parts.emplace_back(part);
    return !refuse_checkpoints;
  }
  void record(const Record& record) override {
    records.push_back({record.position, record.sequence, record.type, std::string(record.payload)});
  }
  std::vector<std::string> payloads() const {
    std::vector<std::string> all;
    for (const auto& seen : records) all.push_back(seen.payload);
    return all;
  }

  std::vector<std::string> parts;
  std::vector<Seen> records;
  bool refuse_checkpoints = false;
};

/// A simulated disk with one journal folder and a key.
struct Place {
  explicit Place(std::uint64_t seed = 1)
      : disk(std::make_unique<simulation::Disk>(seed)), entropy(seed), key(crypto::Key::random(arena, entropy)) {
    disk->make_directory("log");
    disk->sync_directory("");
  }

  Journal::Ports ports() { return {*disk, entropy}; }
  Journal::Identity identity() const { return {"log", "owner"}; }
  std::unique_ptr<Journal> create() { return Journal::create(ports(), identity(), key); }
  Result<std::unique_ptr<Journal>> open() { return Journal::open(ports(), identity(), key, Journal::Settings{}, seen); }
  std::vector<Finding> inspect() { return Journal::inspect(ports(), identity(), key, Journal::Settings{}); }

  /// The segments' paths, oldest first.
  std::vector<std::string> segments() const {
    std::vector<std::string> found;
    for (const auto& path : disk->files()) {
      if (path.ends_with(".seg")) found.push_back(path);
    }
    return found;
  }
  std::vector<std::string> files_ending(std::string_view end) const {
    std::vector<std::string> found;
    for (const auto& path : disk->files()) {
      if (path.ends_with(end)) found.push_back(path);
    }
    return found;
  }

  std::unique_ptr<simulation::Disk> disk;
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  crypto::Key key;
  Collector seen;
};

inline void put(Journal& journal, std::string_view payload, std::uint8_t type = first_type) {
  journal.stage(type, payload);
  journal.commit();
}

inline std::string content_of(base::Disk& disk, const std::string& path) {
  return base::read_file(disk, path, 1 << 30);
}

inline void overwrite(base::Disk& disk, const std::string& path, const std::string& content) {
  const auto file = disk.open(path, base::Disk::Open::read_write);
  file->truncate(0);
  file->write_at(0, content);
}

}  // namespace mailpod::journal::test
