#pragma once

namespace mailpod::crypto {

/// What lies sealed under one key, written anew under another, beside it: durable, and counting for nothing yet. While
/// this lives, nobody changes what is sealed; destroyed without install(), all goes on under the old key, and what was
/// written beside is for whoever opens next to settle or to forget.
class Resealing {
public:
  virtual ~Resealing() = default;
  /// The other key counts from now on: what was written beside takes its place, and changes go on under it. Durable.
  /// When it throws std::system_error, opening anew by the other key finishes it.
  virtual void install() = 0;
  /// Where install() failed, or nobody knows which key counts: what it belongs to takes no change any more, each throws
  /// std::system_error (EIO), until it is opened anew. What is acknowledged after that would be lost then.
  virtual void hold() = 0;
};

}  // namespace mailpod::crypto
