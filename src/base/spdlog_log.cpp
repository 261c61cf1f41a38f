#include <mailpod/base/spdlog_log.hpp>

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

namespace mailpod::base {

namespace {

spdlog::level::level_enum level_for(Log::Level level) {
  switch (level) {
    case Log::Level::debug:
      return spdlog::level::debug;
    case Log::Level::info:
      return spdlog::level::info;
    case Log::Level::warning:
      return spdlog::level::warn;
    case Log::Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// spdlog makes files with the process's umask; ours hold addresses of peers, so the mode is settled before it opens.
void make_private_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) throw std::system_error(errno, std::system_category(), "open log file " + path);
  ::close(file);
}

std::string on_one_line(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (const char octet : line) {
    if (static_cast<unsigned char>(octet) < 0x20 || octet == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(octet));
    } else {
      out.push_back(octet);
    }
  }
  return out;
}

}  // namespace

struct SpdlogLog::Sinks {
  explicit Sinks(std::vector<spdlog::sink_ptr> sinks) : logger("mailpod", sinks.begin(), sinks.end()) {}
  mutable spdlog::logger logger;
};

std::shared_ptr<const SpdlogLog::Sinks> SpdlogLog::open(const LogSettings& settings) {
  std::vector<spdlog::sink_ptr> sinks{std::make_shared<spdlog::sinks::stderr_sink_mt>()};
  if (!settings.file.empty()) {
    make_private_file(settings.file);
    try {
      sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file));
    } catch (const spdlog::spdlog_ex& failure) {
      throw std::system_error(EIO, std::system_category(), failure.what());
    }
  }
  auto opened = std::make_shared<Sinks>(std::move(sinks));
  auto& logger = opened->logger;
  logger.set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
  logger.set_level(level_for(settings.level));
  logger.flush_on(spdlog::level::trace);
  return opened;
}

SpdlogLog::SpdlogLog(const LogSettings& settings) : level_(settings.level), sinks_(open(settings)) {}

void SpdlogLog::reopen(const LogSettings& settings) {
  auto opened = open(settings);
  level_ = settings.level;
  sinks_.replace(std::move(opened));
}

SpdlogLog::~SpdlogLog() = default;

void SpdlogLog::write(Level level, std::string_view line) {
  const auto escaped = on_one_line(line);
  sinks_.get()->logger.log(level_for(level), spdlog::string_view_t(escaped.data(), escaped.size()));
}

}  // namespace mailpod::base
