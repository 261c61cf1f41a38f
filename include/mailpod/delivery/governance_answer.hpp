#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/delivery/member_notice.hpp>

namespace mailpod::delivery {

/// What became of one signed file.
struct HeardFile {
  std::string name;
  enum class As { recorded, waiting, refused } as = As::refused;
  std::string words;  ///< for its sender: a line, or two
};

/// What whoever mailed signed files is told.
MemberNotice governance_answer(const std::vector<HeardFile>& files, std::string message_id);
/// Between whom it goes.
struct AnswerRoute {
  std::string domain;  ///< it comes from postmaster there
  std::string to;      ///< an address elsewhere
  base::Time time;
};
/// The same as a whole message.
std::string write_governance_answer(const MemberNotice& answer, const AnswerRoute& route, base::Entropy& entropy);

}  // namespace mailpod::delivery
