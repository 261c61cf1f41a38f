#include <mailpod/delivery/governance_answer.hpp>

#include <algorithm>

#include <fmt/format.h>

#include "pod_mail.hpp"

namespace mailpod::delivery {
namespace {

std::string_view word_for(HeardFile::As as) {
  switch (as) {
    case HeardFile::As::recorded:
      return "RECORDED";
    case HeardFile::As::waiting:
      return "WAITS";
    case HeardFile::As::refused:
      return "REFUSED";
  }
  return "";
}

}  // namespace

MemberNotice governance_answer(const std::vector<HeardFile>& files, std::string message_id) {
  const auto refused = std::ranges::count(files, HeardFile::As::refused, &HeardFile::as);
  MemberNotice out;
  out.in_reply_to = std::move(message_id);
  out.subject = refused == 0 ? "Your signed files" : "Your signed files: not all were taken";
  for (const auto& file : files)
    out.text += fmt::format("{:<9} {}\n          {}\n\n", word_for(file.as), file.name, file.words);
  out.text +=
      "What counts is the signature alone. Whoever has a copy of the ledger finds\n"
      "there what was recorded: `mailpod ledger verify`.\n";
  return out;
}

std::string write_governance_answer(const MemberNotice& answer, const AnswerRoute& route, base::Entropy& entropy) {
  return write_pod_mail({route.domain, route.to, answer.subject, route.time, answer.text, answer.in_reply_to}, entropy);
}

}  // namespace mailpod::delivery
