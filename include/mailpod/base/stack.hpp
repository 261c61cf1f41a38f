#pragma once

namespace mailpod::base {

/// Clears what calls that have returned left on the calling thread's stack: decrypted mail, passwords, words that were
/// searched for. For threads that live long and rest between pieces of work; call it from near their root, where all
/// below is dead. Costs two calls of the system, and the pages that the next deep call touches anew. Never fails: what
/// the system refuses stays as it is.
void clear_unused_stack() noexcept;

}  // namespace mailpod::base
