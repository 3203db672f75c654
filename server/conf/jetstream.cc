#include "server/conf/settings_blocks.h"

namespace frond::server {

void read_jetstream(const ConfContext& context, const std::string& name, const ConfValue& block) {
  Settings& settings = context.settings;
  if (const auto* text = std::get_if<std::string>(&block.data)) {
    if (*text != "enabled" && *text != "enable" && *text != "disabled" && *text != "disable") {
      context.fail(block, "expected 'enabled' or 'disabled' for string value, got '" + *text + "'");
    }
    settings.engine.jetstream = text->starts_with("enable");
    return;
  }
  if (const auto* flag = std::get_if<bool>(&block.data)) {
    settings.engine.jetstream = *flag;
    return;
  }
  settings.engine.jetstream = true;
  const ConfNames names{"store_dir storedir store", "max_file_store max_file max_store max_storage",
                        "max_memory_store max_mem_store max_mem max_memory", "enabled enable",
                        "sync_interval sync"};
  conf_each_last(context, conf_map(context, name, block), names,
                 [&](const std::string& key, const ConfValue& value) {
                   if (key == "store_dir") {
                     settings.store_dir = conf_text(context, key, value);
                   } else if (key == "max_file_store") {
                     settings.engine.storage_bytes_max = conf_number(context, key, value);
                   } else if (key == "max_memory_store") {
                     settings.engine.memory_bytes_max = conf_number(context, key, value);
                   } else if (key == "domain") {
                     settings.engine.domain = conf_text(context, key, value);
                   } else if (key == "enabled") {
                     settings.engine.jetstream = conf_bool(context, key, value);
                   } else if (key == "sync_interval") {
                     const auto* text = std::get_if<std::string>(&value.data);
                     settings.sync.interval = text != nullptr && *text == "always"
                                                  ? std::chrono::nanoseconds(0)
                                                  : conf_duration(context, key, value);
                   } else if (key == "cipher" || key == "key" || key == "ek" ||
                              key == "encryption_key" || key == "prev_key" || key == "tpm") {
                     context.fail(value, "encryption at rest is not supported");
                   } else if (key == "max_buffered_size" || key == "max_buffered_msgs" ||
                              key == "request_queue_limit" || key == "limits" || key == "strict" ||
                              key == "unique_tag" || key == "max_outstanding_catchup" ||
                              key == "extension_hint" || key == "max_catchup" ||
                              key == "default_max_ha_assets" || key == "meta_compact") {
                     context.warn(value, "jetstream \"" + key + "\" is ignored");
                   } else {
                     return false;
                   }
                   return true;
                 });
}

}  // namespace frond::server
