#pragma once

#include <memory>
#include <system_error>

#include <mailpod/base/octet_source.hpp>

namespace mailpod::queue {

/// A message that remembers when it could not be read: then it was our disk that failed, and not the connection over
/// which it was being sent.
class WatchedSource final : public base::OctetSource {
public:
  explicit WatchedSource(std::unique_ptr<base::OctetSource> source) : source_(std::move(source)) {}

  std::uint64_t size() const override { return source_->size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    try {
      return source_->read_at(offset, into);
    } catch (const std::system_error&) {
      has_failed_ = true;
      throw;
    }
  }
  bool has_failed() const { return has_failed_; }

private:
  std::unique_ptr<base::OctetSource> source_;
  mutable bool has_failed_ = false;
};

}  // namespace mailpod::queue
