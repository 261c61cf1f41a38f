#include "reply.hpp"

namespace mailpod::admin {

nlohmann::json reply_of(const governance::Complaint& complaint) {
  return {
      {"complaint",
       {{"file", complaint.file}, {"line", complaint.line}, {"what", complaint.what}, {"remedy", complaint.remedy}}}};
}

nlohmann::json refusal(std::string what, std::string remedy) {
  return reply_of({governance::Errc::bad_value, "", 0, std::move(what), std::move(remedy)});
}

}  // namespace mailpod::admin
