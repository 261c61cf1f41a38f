#include <mailpod/text/ascii.hpp>

#include "../grammar.hpp"
#include "commands.hpp"

// RFC 4978.
namespace mailpod::imap::commands {
namespace {

struct Compress {};

text::Parsed<Compress> parse(text::Cursor& in, const Dialect&) {
  if (!in.take_space()) return in.error("SP and DEFLATE");
  const auto start = in;
  const auto algorithm = parse_atom(in);
  if (algorithm.has_error()) return algorithm.error();
  if (!text::equal_fold(*algorithm, "DEFLATE")) return start.error("DEFLATE");
  return Compress();
}

awaitable<Answer> run(Session& session, const Compress&) {
  if (session.stream().is_active()) co_return no("[COMPRESSIONACTIVE] DEFLATE is active already");
  // What came too early was not compressed, and would be taken for what is.
  if (!session.requests().lines().buffered().empty()) co_return bad("Nothing may follow COMPRESS before its answer");
  session.compress_after_answer();
  co_return ok("DEFLATE begins now");
}

}  // namespace

awaitable<Answer> compress(Session& session, text::Cursor in) {
  return parse_and_run<Compress>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
