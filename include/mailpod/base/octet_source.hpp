#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mailpod::base {

/// Octets that can be read from any place and more than once: a message in memory, in a sealed spool, or behind a prefix
/// of trace headers. Not shared between threads. Failures of the machine throw std::system_error.
class OctetSource {
public:
  virtual ~OctetSource() = default;
  /// In octets; constant for the life of the source.
  virtual std::uint64_t size() const = 0;
  /// Fewer octets than asked for only at the end.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> into) const = 0;
};

/// Octets in memory, borrowed.
class MemorySource final : public OctetSource {
public:
  explicit MemorySource(std::string_view octets) : octets_(octets) {}
  std::uint64_t size() const override { return octets_.size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    if (offset >= octets_.size()) return 0;
    return octets_.copy(into.data(), into.size(), offset);
  }

private:
  std::string_view octets_;
};

/// One prefix in memory before another source; both borrowed.
class PrefixedSource final : public OctetSource {
public:
  PrefixedSource(std::string_view prefix, const OctetSource& rest) : prefix_(prefix), rest_(rest) {}
  std::uint64_t size() const override { return prefix_.size() + rest_.size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    std::size_t done = prefix_.read_at(offset, into);
    if (done < into.size()) done += rest_.read_at(offset + done - prefix_.size(), into.subspan(done));
    return done;
  }

private:
  MemorySource prefix_;
  const OctetSource& rest_;
};

}  // namespace mailpod::base
