#include <fmt/format.h>

#include <mailpod/governance/proof_text.hpp>

#include "page.hpp"

namespace mailpod::web {
namespace {

using governance::Errc;

struct Row {
  Errc code;
  unsigned status;
};
/// What c2sp.org/tlog-witness has a log told; anything else is 400.
constexpr Row rows[] = {
    {Errc::missing_key, 404},        // a ledger that nobody here watches
    {Errc::note_unsigned, 403},      // by the key that it has
    {Errc::signature_invalid, 403},  //
    {Errc::wrong_pod, 403},          //
    {Errc::ledger_shorter, 409},     // than what was seen
    {Errc::ledger_forked, 409},      // and the proof is kept
    {Errc::proof_wrong, 422},
};

unsigned status_for(Errc code) {
  for (const auto& row : rows) {
    if (row.code == code) return row.status;
  }
  return 400;
}

/// Where the log's idea of what was seen last is not ours, it is told.
http::Response seen_is(std::uint64_t size) {
  http::Response response{409, {}, fmt::format("{}\n", size)};
  response.fields.add("Content-Type", "text/x.tlog.size");
  return response;
}

http::Response cosigned(governance::Witness& witness, const governance::ConsistencyProof& proof) {
  const auto note = governance::parse_note(proof.checkpoint, "the checkpoint");
  if (!note) return refusal(400);
  const auto checkpoint = governance::parse_checkpoint(note->text, "the checkpoint");
  if (!checkpoint || proof.old_size > checkpoint->head.size) return refusal(400);
  const auto before = witness.seen(checkpoint->origin);
  if (!before) return refusal(500);
  const governance::Witness::Request request{proof.checkpoint, proof, std::nullopt, "the checkpoint"};
  const auto answer = witness.cosign(request);
  const auto status = answer ? 200U : status_for(answer.error().code);
  // Who asks, and whether he may, comes before what was seen; after that, what he believes that we saw.
  const bool may_ask = status == 200 || status == 409 || status == 422;
  if (status == 409 || (may_ask && proof.old_size != *before)) return seen_is(*before);
  if (!answer) return refusal(status);
  // Of the note only what is ours: the log knows the rest.
  const governance::Note ours{answer->text, {answer->signatures.back()}};
  http::Response response{200, {}, ours.str().substr(ours.text.size() + 1)};
  response.fields.add("Content-Type", media::text);
  response.fields.add("Cache-Control", caching::never);
  return response;
}

}  // namespace

http::Response add_checkpoint(const Site::Source& source, const http::Visit& visit) {
  const auto proof = governance::parse_consistency_proof(visit.request.content, "the request");
  if (!proof) return refusal(400);
  http::Response response;
  source.pod.with_witness([&](governance::Witness& witness) { response = cosigned(witness, *proof); });
  return response;
}

}  // namespace mailpod::web
