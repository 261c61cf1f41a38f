#include "report_prefix.hpp"

#include <mailpod/message/header_edit.hpp>

namespace mailpod::delivery {

Result<std::string> report_prefix(const ReportArrival& arrival) {
  const auto return_path = message::write_return_path("");
  const auto delivered_to = message::write_delivered_to(arrival.address);
  if (!return_path) return return_path.error();
  if (!delivered_to) return delivered_to.error();
  message::Received received;
  received.by = arrival.host_name;
  received.id = arrival.id;
  received.for_address = arrival.address;
  received.date = {arrival.time, std::chrono::minutes(0)};
  return *return_path + *delivered_to + message::write_received(received);
}

}  // namespace mailpod::delivery
