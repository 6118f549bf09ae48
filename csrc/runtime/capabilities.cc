// What this build offers on this machine.
#include <map>
#include <string>
#include <vector>

#include "base/affinity.h"
#include "base/core_share.h"
#include "edgebin/model.h"
#include "graph/rules.h"
#include "kernels/conv_algo.h"
#include "kernels/cpu.h"
#include "kernels/dispatch.h"
#include "ops/op.h"

namespace edgebin {

std::string version() { return EDGEBIN_VERSION; }

std::vector<std::string> isas() {
  std::vector<std::string> names;
  for (const kernels::Kernels& kernels : kernels::available()) names.emplace_back(kernels.isa);
  return names;
}

std::string conv_algo(const std::string& isa) {
  return std::string(kernels::name_of(kernels::choose_conv_algo(kernels::choose(isa))));
}

std::string cpu_core() { return std::string(kernels::detect_cpu().name); }

std::map<std::string, std::string> operator_families() {
  std::map<std::string, std::string> families;
  for (const Op& op : operators()) families.emplace(op.name, name_of(op.family));
  return families;
}

std::vector<std::string> rule_codes() { return {all_codes().begin(), all_codes().end()}; }

void pin_caller() noexcept { pin_to_first_core(); }

std::optional<double> core_share() noexcept { return measure_core_share(); }

}  // namespace edgebin
