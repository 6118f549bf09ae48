// What edgebin-run reads of a machine, from files that imitate /proc and /sys of boards.
#include "cli/measure/machine.h"

#include <gtest/gtest.h>

#include "cli/measure/file_tree.h"

namespace edgebin::cli {
namespace {

class MachineTest : public FileTreeTest {
 protected:
  Machine look_there() const { return read_machine(root()); }
};

TEST_F(MachineTest, WhatIsNotToldIsLeftOpen) {
  const Machine machine = look_there();
  EXPECT_FALSE(machine.cpu || machine.governor || machine.clock_mhz || machine.temperature_c ||
               machine.throttled || machine.load_average || machine.cpu_quota ||
               machine.memory_limit_bytes);
  EXPECT_GT(machine.cores, 0);
  EXPECT_FALSE(machine.architecture.empty());
}

TEST_F(MachineTest, ReadsABoard) {
  using namespace std::string_view_literals;
  put("proc/device-tree/model", "Raspberry Pi 4\0"sv);
  put("proc/cpuinfo", "processor : 0\nmodel name\t: other\n");
  put("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "ondemand\n");
  put("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "1500000\n");
  put("sys/class/thermal/thermal_zone0/temp", "48312\n");
  put("sys/devices/platform/soc/soc:firmware/get_throttled", "50004\n");
  put("proc/loadavg", "0.25 1.00 2.00 1/90 7\n");
  put("proc/self/cgroup", "0::/\n");
  put("sys/fs/cgroup/cpu.max", "50000 100000\n");
  put("sys/fs/cgroup/memory.max", "268435456\n");
  const Machine machine = look_there();
  EXPECT_EQ(machine.cpu, "Raspberry Pi 4");
  EXPECT_EQ(machine.governor, "ondemand");
  EXPECT_DOUBLE_EQ(machine.clock_mhz.value(), 1500);
  EXPECT_DOUBLE_EQ(machine.temperature_c.value(), 48.312);
  EXPECT_EQ(machine.throttled, true);
  EXPECT_EQ(machine.load_average, 0.25);
  EXPECT_EQ(machine.cpu_quota, 0.5);
  EXPECT_EQ(machine.memory_limit_bytes, 268435456);
}

// The chip's node is named after its address on a Pi 5.
TEST_F(MachineTest, FindsTheFirmwareOfAPi5) {
  put("sys/devices/platform/soc@107c000000/driver_override", "(null)\n");
  put("sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "1\n");
  EXPECT_EQ(look_there().throttled, true);
}

// As edgebin.machine.heat: by its name, or else the first; a sensor that is off may show -256.
TEST_F(MachineTest, TheTemperatureIsTheProcessors) {
  put("sys/class/thermal/thermal_zone0/temp", "-256000\n");
  put("sys/class/thermal/thermal_zone2/temp", "41000\n");
  put("sys/class/thermal/thermal_zone10/temp", "42000\n");
  EXPECT_DOUBLE_EQ(look_there().temperature_c.value(), 41);
  put("sys/class/thermal/thermal_zone10/type", "CPU-therm\n");
  EXPECT_DOUBLE_EQ(look_there().temperature_c.value(), 42);
}

TEST_F(MachineTest, NonsenseIsLeftOpen) {
  put("proc/cpuinfo", "model name\t:  A CPU \n");
  put("sys/class/thermal/thermal_zone0/temp", "hot\n");
  put("sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n");
  const Machine machine = look_there();
  EXPECT_EQ(machine.cpu, "A CPU");
  EXPECT_FALSE(machine.temperature_c);
  EXPECT_EQ(machine.throttled, false);  // it was, but is not now
}

}  // namespace
}  // namespace edgebin::cli
