#include <mailpod/queue/delivery_report.hpp>

#include <mailpod/base/bytes.hpp>

#include "report.hpp"

namespace mailpod::queue {

std::string write_delivery_report(const Entry& entry, std::string_view header, const std::string& domain,
                                  base::Time now, base::Entropy& entropy) {
  News news;
  for (std::size_t place = 0; place < entry.recipients.size(); ++place) news.delivered.push_back(place);
  const Reporter reporter{domain, now, now, report_boundary(entropy)};
  return write_report(entry, news, {std::string(header), false}, reporter);
}

}  // namespace mailpod::queue
