#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/structure.hpp>

namespace mailpod::delivery {

/// What stands above a message's own header in every copy, or in one.
struct TraceFields {
  std::string return_path;  ///< whole fields with their CRLF
  std::string received;
};

/// The octets that each recipient gets: trace fields, the edited header, the body as it came.
///
/// The copies differ in Delivered-To alone, so they are scanned once. Borrows `message`. Pool.
class FinalCopies {
public:
  /// Errors: smtp::Errc::too_big (a header of more than `header_limit` octets).
  static Result<FinalCopies> make(const base::OctetSource& message, const message::HeaderEdit& edit, TraceFields trace,
                                  std::size_t header_limit);

  /// One recipient's copy: octets and their structure. Valid as long as this object.
  struct Copy {
    std::string prefix;
    message::Structure structure;
  };
  /// `delivered_to` is a whole field.
  Copy copy_for(std::string_view delivered_to);
  /// The message's own header as it goes out, without trace fields.
  const std::string& header() const { return header_; }
  /// What stands before the body for other servers: who delivers it there says so themselves.
  std::string outgoing_prefix() const { return trace_.received + header_; }
  /// The octets after a copy's prefix, the same for all.
  const base::OctetSource& body() const { return body_; }

private:
  /// A message from some octet on.
  class Tail final : public base::OctetSource {
  public:
    Tail(const base::OctetSource& whole, std::uint64_t from) : whole_(&whole), from_(from) {}
    std::uint64_t size() const override { return whole_->size() - from_; }
    std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
      return whole_->read_at(from_ + offset, into);
    }

  private:
    const base::OctetSource* whole_;
    std::uint64_t from_;
  };

  FinalCopies(Tail body, TraceFields trace, std::string header)
      : body_(std::move(body)), trace_(std::move(trace)), header_(std::move(header)) {}

  Tail body_;
  TraceFields trace_;
  std::string header_;
  std::uint64_t scanned_prefix_ = 0;  ///< octets before body_ in what was scanned; 0: nothing was yet
  message::Structure scanned_;
};

/// The structure of the same message with `delta` octets more (or less) in its own header; nothing else may differ.
message::Structure moved(message::Structure structure, std::int64_t delta);

}  // namespace mailpod::delivery
